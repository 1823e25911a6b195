// SPDX-License-Identifier: MIT
//! The code on the pages is compiled and run. A comment before a block of code names what it
//! is held against:
//!
//!     <!-- from FILE -->    its lines stand in that file, in this order
//!     <!-- run -->          a shell runs it, and the page's other blocks that are marked so, in a
//!                           folder where crdt/ is this project
//!
//! Every block of C++ must come from a source of a program that a test runs, and so must a table of
//! functions: what its first column has as code stands in that file.
#include <algorithm>
#include <set>

#include "page.hpp"
#include "support/folder.hpp"
#include "support/program.hpp"

using namespace pages;

namespace {

/// Returns the first line that `file` lacks after the lines before it, or an empty text if no line
/// is missing.
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

/// A table with calls in its first column: "`a.merge(b)` | joins b into a".
struct Calls {
    std::string place;
    std::string mark;
    std::vector<std::string> calls;
};

std::vector<std::string> calls_in(const std::string& row) {
    static const std::regex code("`([^`]*)`"), call("[\\w>]\\(.*\\)$");
    const std::string first = row.substr(0, row.find('|', 1));
    std::vector<std::string> calls;
    for (std::sregex_iterator found(first.begin(), first.end(), code), end; found != end; ++found)
        if (std::regex_search((*found)[1].str(), call)) calls.push_back((*found)[1].str());
    return calls;
}

std::vector<Calls> tables_of_calls(const fs::path& page) {
    static const std::regex comment("<!-- from (.*) -->");
    std::vector<Calls> tables;
    std::string before;
    for (const auto& [number, line] : prose_of(page)) {
        if (line.starts_with("|") && !before.starts_with("|")) {
            std::smatch mark;
            tables.push_back({page.string() + ":" + std::to_string(number),
                              std::regex_match(before, mark, comment) ? mark[1].str() : "",
                              {}});
        }
        if (line.starts_with("|"))
            for (const std::string& call : calls_in(line)) tables.back().calls.push_back(call);
        before = line;
    }
    std::erase_if(tables, [](const Calls& table) { return table.calls.empty(); });
    return tables;
}

/// Returns the headers that a source includes from its own folder.
std::set<fs::path> headers_of(const fs::path& source) {
    // In a unity build, the sources are included in a generated file, by their full paths.
    static const std::regex include("#include ?[\"<](.*)[\">]");
    std::set<fs::path> headers;
    for (const std::string& line : lines_of(text_of(source))) {
        std::smatch name;
        if (!std::regex_match(line, name, include)) continue;
        const fs::path header = source.parent_path() / name[1].str();
        if (fs::exists(header)) headers.insert(header.lexically_normal());
    }
    return headers;
}

/// The sources of all programs that tests run, and their headers.
std::set<fs::path> tested_sources() {
    std::set<std::string> run;
    for (const auto& test : introspected("tests"))
        for (const auto& target : test.at("depends")) run.insert(target.get<std::string>());
    std::set<fs::path> sources;
    for (const auto& target : introspected("targets")) {
        if (!run.contains(target.at("id"))) continue;
        for (const auto& group : target.at("target_sources"))
            for (const char* kind : {"sources", "generated_sources"})
                for (const auto& source : group.value(kind, nlohmann::json::array()))
                    sources.insert(fs::path(source.get<std::string>()).lexically_normal());
    }
    for (int depth = 0; depth < 2; ++depth) {
        std::set<fs::path> included;
        for (const fs::path& source : sources)
            if (fs::exists(source)) included.merge(headers_of(source));
        sources.merge(included);
    }
    return sources;
}

}  // namespace

TEST_CASE("pages: a block of code is in the file that the page names") {
    for (const fs::path& page : all()) {
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
    for (const fs::path& page : all()) {
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

TEST_CASE("pages: a block without a language contains no C++") {
    for (const fs::path& page : all()) {
        CAPTURE(page.string());
        for (const auto& entry : prose_of(page)) {
            CAPTURE(entry.first);
            CHECK_FALSE(entry.second.starts_with("    "));  // a block without a fence
        }
        for (const Block& block : blocks_of(page)) {
            if (!block.language.empty() || block.mark.starts_with("from ")) continue;
            CAPTURE(block.place);
            for (const std::string& line : block.lines) CHECK_FALSE(line.ends_with(";"));
        }
    }
}

TEST_CASE("pages: functions in tables are called by a test") {
    const std::set<fs::path> tested = tested_sources();
    std::size_t found = 0;
    for (const fs::path& page : all()) {
        for (const Calls& table : tables_of_calls(page)) {
            CAPTURE(table.place);
            REQUIRE(table.mark != "");
            CHECK(tested.contains(root / table.mark));
            const std::string source = text_of(root / table.mark);
            for (const std::string& call : table.calls)
                CHECK_MESSAGE(source.find(call) != std::string::npos, call);
            found += table.calls.size();
        }
    }
    CHECK(found > 0);
}

TEST_CASE("pages: the page on replication shows all calls that a program needs") {
    // tests/replication/page.cpp replicates with only these calls.
    const std::string program = text_of(root / "tests/replication/page.cpp");
    std::string code_on_pages;
    for (const Block& block : blocks_of(root / "docs/explanation/replication.md"))
        if (block.language == "cpp")
            for (const std::string& line : block.lines) code_on_pages += line + "\n";
    static const std::regex call("[^.]replicator\\.(\\w+\\()");
    std::set<std::string> calls;
    for (std::sregex_iterator found(program.begin(), program.end(), call), end; found != end;
         ++found)
        calls.insert((*found)[1].str());
    CHECK(calls.contains("start("));
    for (const std::string& name : calls)
        CHECK_MESSAGE(code_on_pages.find(name) != std::string::npos, name);
}

TEST_CASE("pages: the commands for the reader run") {
    for (const fs::path& page : all()) {
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
