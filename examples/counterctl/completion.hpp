// SPDX-License-Identifier: MIT
//! Completion: the completion of counterctl for bash, made from its commands and options.
#pragma once

#include <algorithm>
#include <ostream>
#include <string>

#include <CLI/CLI.hpp>

/// Prints a bash script that registers the completion. The script completes commands, options, the
/// values of options, and files. It also completes the names of counters and nodes, which it
/// requests from the service.
class Completion {
    const CLI::App& app_;
    std::ostream& out_;

    /// Writes an entry of an associative array.
    void entry(const std::string& key, const std::string& value) const {
        out_ << "        ['" << key << "']='" << value << "'\n";
    }
    template <class Each>
    void table(const char* name, Each each) const {
        out_ << "    local -A " << name << "=(\n";
        for (const CLI::App* command : app_.get_subcommands([](auto*) { return true; }))
            each(*command, command->get_name());
        each(app_, "-");
        out_ << "    )\n";
    }
    static std::string words(const CLI::App& app, auto&& word_of) {
        std::string words;
        for (const CLI::Option* option : app.get_options()) {
            const std::string word = word_of(*option);
            if (!word.empty()) words += (words.empty() ? "" : " ") + word;
        }
        return words;
    }
    static std::string long_name(const CLI::Option& option) {
        return option.get_lnames().empty() ? "" : "--" + option.get_lnames().front();
    }
    /// Returns the values that the help text of an option lists as {a,b}; otherwise "FILE" if the
    /// option takes a file, or "VALUE".
    static std::string values(const CLI::Option& option) {
        std::string type = option.get_type_name();
        const std::size_t begin = type.find('{'), end = type.find('}');
        if (end == type.npos) return type.find("FILE") == type.npos ? "VALUE" : "FILE";
        type = type.substr(begin + 1, end - begin - 1);
        std::replace(type.begin(), type.end(), ',', ' ');
        return type;
    }

  public:
    Completion(const CLI::App& app, std::ostream& out) : app_(app), out_(out) {}

    void print() const {
        out_ << "# Completion of counterctl for bash, printed by: counterctl completion bash\n"
                "_counterctl() {\n";
        table("options", [this](const CLI::App& app, const std::string& name) {
            entry(name, words(app, long_name));
        });
        table("positionals", [this](const CLI::App& app, const std::string& name) {
            entry(name, words(app, [](const CLI::Option& option) {
                      return option.get_positional() ? option.get_name(true) : "";
                  }));
        });
        table("values", [this](const CLI::App& app, const std::string& name) {
            for (const CLI::Option* option : app.get_options())
                if (option->get_items_expected_max() > 0)
                    entry(name + ' ' + option->get_name(), values(*option));
        });
        out_ << rest;
    }

  private:
    static constexpr const char* rest = R"rest(
    # Words are split at blanks only, because bash also splits URLs at their colons.
    local line=${COMP_LINE:0:COMP_POINT} word current command='' option='' kind=''
    local words=() flags=() places=() candidates=() found=()
    local i place=0
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    current=${words[-1]}
    for ((i = 1; i < ${#words[@]} - 1; ++i)); do
        word=${words[i]}
        if [[ $word == -* ]]; then
            [[ -n ${values["$command $word"]-${values["- $word"]-}} ]] || continue
            if ((i == ${#words[@]} - 2)); then
                option=$word
            else
                ((++i))
                [[ -n ${values["- $word"]-} ]] && flags+=("$word" "${words[i]}")
            fi
        elif [[ -z $command ]]; then
            [[ -n ${options[$word]-} ]] && command=$word
        else
            ((++place))
        fi
    done

    if [[ -n $option ]]; then
        kind=${values["$command $option"]-${values["- $option"]-}}
        case $option in
            --node) kind=to ;;
            --names) kind=names ;;
            --session-file) kind=FILE ;;
        esac
    elif [[ $current == -* ]]; then
        kind=${options[${command:--}]}
        [[ -n $command ]] && kind+=${options['-']#--help}
    elif [[ -z $command ]]; then
        kind=${!options[*]}
    else
        places=(${positionals[$command]})
        kind=${places[place]-}
        [[ ${values["$command $kind"]-VALUE} == VALUE ]] || kind=${values["$command $kind"]}
    fi
    case $kind in
        name | names | prefix) mapfile -t candidates < <(_counterctl_ask list "$current" | head -n 200 | cut -f 1) ;;
        to) mapfile -t candidates < <(_counterctl_ask status | awk '$1 ~ /^(node|up|down)$/ { print $2 }') ;;
        FILE) mapfile -t candidates < <(compgen -f -- "$current") ;;
        VALUE) ;;
        *) candidates=($kind) ;;
    esac
    for word in "${candidates[@]}"; do
        [[ $word == "$current"* && $word != - ]] && found+=("$(printf %q "$word")")
    done
    # Bash replaces only what follows the last colon.
    [[ $current == *:* && $COMP_WORDBREAKS == *:* ]] && found=("${found[@]#"${current%"${current##*:}"}"}")
    COMPREPLY=("${found[@]}")
}
# Sends a request with the connection of the command line that is completed.
_counterctl_ask() { timeout 2 "${COMP_WORDS[0]}" "${flags[@]}" --timeout 500 "$@" 2>/dev/null; }
complete -F _counterctl counterctl
)rest";
};
