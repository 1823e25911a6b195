// SPDX-License-Identifier: MIT
//! Checks that the commands on pages exist: tasks of ./dev, programs and their flags. Checks that
//! the targets of links exist, too.
#include <algorithm>

#include "page.hpp"
#include "support/program.hpp"

using namespace pages;

namespace {

using Words = std::vector<std::string>;

/// Returns the commands on a page, in shell blocks and in the text. A command may continue on the
/// next line.
std::vector<Words> commands_of(const fs::path& page) {
    std::string text;
    for (const Block& block : blocks_of(page))
        if (block.language == "sh")
            for (const std::string& line : block.lines) text += line + "\n";
    static const std::regex code("`((\\./dev|build/)[^`]*)`");
    const std::string prose = std::regex_replace(text_of(page), std::regex("\n"), " ");
    for (std::sregex_iterator found(prose.begin(), prose.end(), code), end; found != end; ++found)
        text += (*found)[1].str() + "\n";

    text = std::regex_replace(text, std::regex("\\\\\n"), " ");
    text = std::regex_replace(text, std::regex(" #[^\n]*"), "");
    std::vector<Words> commands;
    for (const std::string& line : lines_of(text)) {
        std::istringstream words(line);
        commands.emplace_back(std::istream_iterator<std::string>(words),
                              std::istream_iterator<std::string>());
        if (!commands.back().empty() && commands.back()[0].find('=') != std::string::npos)
            commands.back().erase(commands.back().begin());  // a variable's value
    }
    return commands;
}

bool is_built(const fs::path& program) {
    const auto targets = introspected("targets");
    return std::any_of(targets.begin(), targets.end(), [&](const auto& target) {
        return target.at("filename").at(0) == program.string();
    });
}

std::string help_of(const std::string& program) {
    const auto outcome = support::run_program(program + " --help", "");
    std::string text = outcome.errors;
    for (const std::string& line : outcome.lines) text += line + "\n";
    return text;
}

/// Checks that `program --help` contains all words that look like flags.
void check_flags(const std::string& program, Words::const_iterator begin,
                 Words::const_iterator end) {
    Words flags;
    std::copy_if(begin, end, std::back_inserter(flags),
                 [](const std::string& word) { return word.starts_with("-"); });
    const std::string help = flags.empty() ? "" : help_of(program);
    for (const std::string& word : flags) {
        const std::string flag = word.substr(0, word.find('='));
        CHECK_MESSAGE(std::regex_search(help, std::regex("(^|[\\s,])" + flag + "\\b")), flag);
    }
}

std::string place_of(const std::string& program) {
    return (build / fs::relative(program, "build")).string();
}

void check_program(const Words& words) {
    const fs::path program = place_of(words[0]);
    if (!is_built(program)) {
        // A build may lack some folders. If it has a folder, it has all programs of the folder.
        CHECK(fs::exists(root / fs::relative(words[0], "build").parent_path()));
        CHECK((fs::is_directory(program) || !fs::exists(program.parent_path())));
        return;
    }
    // If this test runs alone, a program that no test needs may not be built.
    if (!fs::exists(program)) return;
    const auto rest = std::find(words.begin(), words.end(), "--");
    const bool has_subcommand = words.size() > 1 && !words[1].starts_with("-");
    check_flags(program.string() + (has_subcommand ? " " + words[1] : ""), words.begin(), rest);
    const auto node = std::find(words.begin(), rest, "--bin");
    if (node != rest) check_program({node[1]});
    if (rest != words.end()) check_flags(place_of(node[1]), rest + 1, words.end());
}

void check_task(const Words& words) {
    if (words.size() == 1) return;
    CHECK(text_of(root / "dev").find("\n" + words[1] + "() {") != std::string::npos);
}

}  // namespace

TEST_CASE("pages: tasks, programs and flags on the pages exist") {
    for (const fs::path& page : all()) {
        CAPTURE(page.string());
        for (const Words& words : commands_of(page)) {
            if (words.empty()) continue;
            std::string command;
            for (const std::string& word : words) command += word + " ";
            CAPTURE(command);
            if (words[0] == "./dev") check_task(words);
            if (words[0].starts_with("build/")) check_program(words);
        }
    }
}

TEST_CASE("pages: the targets of links within the project exist") {
    static const std::regex link("\\]\\(([^)#: ]+)(#[^)]*)?\\)");
    for (const fs::path& page : all()) {
        CAPTURE(page.string());
        const std::string text = text_of(page);
        for (std::sregex_iterator found(text.begin(), text.end(), link), end; found != end;
             ++found) {
            const std::string target = (*found)[1];
            CAPTURE(target);
            CHECK(fs::exists(page.parent_path() / target));
        }
    }
}
