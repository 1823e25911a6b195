// SPDX-License-Identifier: MIT
//! ConfigFile: reads options from a file, one per line. Input that it does not recognise is an
//! error.
#pragma once

#include <algorithm>
#include <cstddef>
#include <istream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

namespace counterd {

/// Reads lines of `name = value`. A value is a word, or several separated by blanks or commas,
/// optionally in brackets. A word in quotes is read literally. A line that begins with `#` or `;`
/// is a comment, and so is the rest of a line after a blank and `#`. Anything else is an error,
/// such as an unknown or repeated name, a section, a name without a value, or a value that the
/// option does not accept. After the whole file was read, one exception is thrown with all errors
/// and their lines.
class ConfigFile : public CLI::ConfigINI {
    CLI::App* app_;

    static constexpr std::string_view blanks = " \t\r\v\f";

    [[noreturn]] static void refuse(std::size_t line, const std::string& why) {
        throw CLI::ConfigError("--config, line " + std::to_string(line) + ": " + why);
    }
    static std::string_view trim(std::string_view text) {
        text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
        return text.substr(0, text.find_last_not_of(blanks) + 1);
    }
    /// Removes the first word of `text`, which must not be empty, and returns it.
    static std::string consume_word(std::string_view& text, std::size_t line) {
        const char first = text.front();
        const bool is_quoted = first == '"' || first == '\'';
        if (is_quoted) text.remove_prefix(1);
        const std::size_t end =
            is_quoted ? text.find(first) : text.find_first_of(std::string(blanks) + ",]");
        if (is_quoted && end == text.npos) refuse(line, "a quoted word without its closing quote");
        std::string word(text.substr(0, end));
        text.remove_prefix(std::min(word.size() + (is_quoted ? 1 : 0), text.size()));
        return word;
    }
    static std::vector<std::string> words(std::string_view text, std::size_t line) {
        const bool is_list = text.starts_with('[');
        bool is_open = is_list;
        if (is_list) text.remove_prefix(1);
        std::vector<std::string> words;
        for (text = trim(text); !text.empty() && text.front() != '#'; text = trim(text)) {
            if (is_list && !is_open) refuse(line, "text after the end of a list");
            if (text.front() == ',' || text.front() == ']') {
                if (text.front() == ']' && !std::exchange(is_open, false))
                    refuse(line, "a ] without its [");
                text.remove_prefix(1);
                continue;
            }
            words.push_back(consume_word(text, line));
        }
        if (is_open) refuse(line, "a list without its ]");
        return words;
    }

    /// Checks a value as the command line would. Throws CLI::ConfigError if the option does not
    /// accept it.
    static void check(CLI::Option& option, std::string word, std::size_t line) {
        for (int i = 0;; ++i) {
            const CLI::Validator* validator = nullptr;
            try {
                validator = option.get_validator(i);
            } catch (const CLI::OptionNotFound&) {
                return;  // that was the last one
            }
            const std::string problem = (*validator)(word);
            if (!problem.empty()) refuse(line, option.get_name() + ": " + problem);
        }
    }
    /// Reads a line that is neither empty nor a comment. `lines` maps each name that was read
    /// earlier to its line number.
    CLI::ConfigItem read_line(std::string_view text, std::size_t number,
                              std::map<std::string, std::size_t>& lines) const {
        if (text.front() == '[')
            refuse(number,
                   std::string(text) + ": sections are not supported, expected name = value");
        const std::size_t equals = text.find('=');
        CLI::ConfigItem item;
        item.name = trim(text.substr(0, equals));
        CLI::Option* option = app_->get_option_no_throw("--" + item.name);
        if (option == nullptr || !option->get_configurable())
            refuse(number, "unknown option '" + item.name + "'");
        const auto [first, is_new] = lines.try_emplace(item.name, number);
        if (!is_new)
            refuse(number,
                   "'" + item.name + "' is already set in line " + std::to_string(first->second));
        if (equals != text.npos) item.inputs = words(trim(text.substr(equals + 1)), number);
        if (item.inputs.empty())
            refuse(number, "'" + item.name + "' has no value, expected name = value");
        for (const std::string& word : item.inputs) check(*option, word, number);
        return item;
    }

  public:
    /// The names and values must be those of the options of `app`, which must outlive this object.
    explicit ConfigFile(CLI::App& app) : app_(&app) {}

    std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
        constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
        std::vector<CLI::ConfigItem> found;
        std::map<std::string, std::size_t> lines;
        std::string problems;
        std::size_t number = 1;
        for (std::string line; std::getline(input, line); ++number) {
            std::string_view text = line;
            if (number == 1 && text.starts_with(byte_order_mark))
                text.remove_prefix(byte_order_mark.size());
            text = trim(text);
            if (text.empty() || text.front() == '#' || text.front() == ';') continue;
            try {
                found.push_back(read_line(text, number, lines));
            } catch (const CLI::ConfigError& error) {
                problems += (problems.empty() ? "" : "\n") + std::string(error.what());
            }
        }
        if (input.bad()) throw CLI::ConfigError("--config: error while reading the file");
        if (!problems.empty()) throw CLI::ConfigError(problems);
        return found;
    }
};

}  // namespace counterd
