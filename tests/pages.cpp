// SPDX-License-Identifier: MIT
//! What the pages show is what is compiled, run and there. A comment before a block of code says
//! what it is held against:
//!
//!     <!-- from FILE -->    its lines stand in that file, in this order
//!     <!-- run -->          a shell runs it, in a folder where crdt/ is this project; the blocks
//!     of
//!                           a page that are marked so, one after another
//!
//! Every block of C++ must come from a source of a program that a test runs. Commands that are not
//! run must at least exist: tasks of ./dev, programs, and their flags.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "support/folder.hpp"
#include "support/program.hpp"

namespace fs = std::filesystem;

namespace {

const fs::path root = PROJECT_ROOT;
const fs::path build = PROJECT_BUILD;

std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    REQUIRE_MESSAGE(file, "cannot read ", path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

std::string trimmed(const std::string& line) {
    const auto first = line.find_first_not_of(' ');
    return first == std::string::npos ? ""
                                      : line.substr(first, line.find_last_not_of(' ') + 1 - first);
}

std::vector<fs::path> pages() {
    std::vector<fs::path> found{root / "README.md", root / "CONTRIBUTING.md",
                                root / "examples/README.md"};
    for (const auto& entry : fs::directory_iterator(root / "docs"))
        if (entry.path().extension() == ".md") found.push_back(entry.path());
    return found;
}

// ---- blocks

struct Block {
    std::string place;
    std::string language;
    /// What the comment before it says.
    std::string mark;
    std::vector<std::string> lines;
};

std::vector<Block> blocks_of(const fs::path& page) {
    static const std::regex comment("<!-- (.*) -->");
    std::vector<Block> blocks;
    std::string before;
    bool is_inside = false;
    std::size_t number = 0;
    for (const std::string& line : lines_of(text_of(page))) {
        ++number;
        if (line.starts_with("```")) {
            std::smatch mark;
            if (!is_inside)
                blocks.push_back({page.string() + ":" + std::to_string(number),
                                  line.substr(3),
                                  std::regex_match(before, mark, comment) ? mark[1].str() : "",
                                  {}});
            is_inside = !is_inside;
        } else if (is_inside) {
            blocks.back().lines.push_back(line);
        }
        before = line;
    }
    return blocks;
}

/// The first line that does not stand in `file` behind those before it; empty if all do.
std::string missing_line(const Block& block, const fs::path& file) {
    const auto lines = lines_of(text_of(file));
    auto position = lines.begin();
    for (const std::string& line : block.lines) {
        if (trimmed(line).empty()) continue;
        position = std::find_if(position, lines.end(), [&](const std::string& candidate) {
            return trimmed(candidate) == trimmed(line);
        });
        if (position == lines.end()) return line;
        ++position;
    }
    return "";
}

// ---- what is built and tested

nlohmann::json introspected(const std::string& what) {
    return nlohmann::json::parse(text_of(build / "meson-info" / ("intro-" + what + ".json")));
}

/// The sources of all programs that tests run.
std::set<fs::path> tested_sources() {
    std::set<std::string> run;
    for (const auto& test : introspected("tests"))
        for (const auto& target : test.at("depends")) run.insert(target.get<std::string>());
    std::set<fs::path> sources;
    for (const auto& target : introspected("targets")) {
        if (!run.contains(target.at("id"))) continue;
        for (const auto& group : target.at("target_sources"))
            for (const auto& source : group.value("sources", nlohmann::json::array()))
                sources.insert(fs::path(source.get<std::string>()).lexically_normal());
    }
    return sources;
}

bool is_built(const fs::path& program) {
    const auto targets = introspected("targets");
    return std::any_of(targets.begin(), targets.end(), [&](const auto& target) {
        return target.at("filename").at(0) == program.string();
    });
}

// ---- commands

using Words = std::vector<std::string>;

/// Commands on a page, of which lines may go on: those of a shell's blocks, and those in a text.
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

std::string help_of(const std::string& program) {
    const auto outcome = support::run_program(program + " --help", "");
    std::string text = outcome.errors;
    for (const std::string& line : outcome.lines) text += line + "\n";
    return text;
}

/// Those words that look like flags must be in what `program --help` tells.
void check_flags(const std::string& program, Words::const_iterator begin,
                 Words::const_iterator end) {
    Words flags;
    std::copy_if(begin, end, std::back_inserter(flags),
                 [](const std::string& word) { return word.starts_with("-"); });
    const std::string help = flags.empty() ? "" : help_of(program);
    for (const std::string& flag : flags)
        CHECK_MESSAGE(std::regex_search(help, std::regex("(^|[\\s,])" + flag + "\\b")), flag);
}

std::string place_of(const std::string& program) {
    return (build / fs::relative(program, "build")).string();
}

void check_program(const Words& words) {
    const fs::path program = place_of(words[0]);
    if (!is_built(program)) {
        // Not every build has all folders; one that has a folder has its programs.
        CHECK(fs::exists(root / fs::relative(words[0], "build").parent_path()));
        CHECK((fs::is_directory(program) || !fs::exists(program.parent_path())));
        return;
    }
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

TEST_CASE("pages: a block of code that comes from a file stands there") {
    for (const fs::path& page : pages()) {
        for (const Block& block : blocks_of(page)) {
            if (!block.mark.starts_with("from ")) continue;
            CAPTURE(block.place);
            CHECK(missing_line(block, root / block.mark.substr(5)) == "");
        }
    }
}

TEST_CASE("pages: all C++ is compiled and run by a test") {
    const std::set<fs::path> tested = tested_sources();
    int found = 0;
    for (const fs::path& page : pages()) {
        for (const Block& block : blocks_of(page)) {
            if (block.language != "cpp") continue;
            ++found;
            CAPTURE(block.place);
            REQUIRE(block.mark.starts_with("from "));
            CHECK(tested.contains(root / block.mark.substr(5)));
        }
    }
    CHECK(found > 0);
}

TEST_CASE("pages: what a reader is told to run, runs") {
    for (const fs::path& page : pages()) {
        std::string script;
        for (const Block& block : blocks_of(page))
            if (block.mark == "run")
                for (const std::string& line : block.lines) script += line + "\n";
        if (script.empty()) continue;
        const support::TemporaryFolder folder;
        fs::create_directory_symlink(root, folder.path() / "crdt");
        std::ofstream(folder.path() / "script") << script;
        const auto outcome =
            support::run_program("cd " + folder.path().string() + " && sh -eu script", "");
        CAPTURE(page.string());
        CAPTURE(outcome.errors);
        CHECK(outcome.exit_code == 0);
    }
}

TEST_CASE("pages: tasks, programs and flags are there") {
    for (const fs::path& page : pages()) {
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

TEST_CASE("pages: links within the project lead somewhere") {
    static const std::regex link("\\]\\(([^)#: ]+)(#[^)]*)?\\)");
    for (const fs::path& page : pages()) {
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
