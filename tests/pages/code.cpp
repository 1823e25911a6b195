// SPDX-License-Identifier: MIT
//! What the pages show is what is compiled and run. A comment before a block of code says what it
//! is held against:
//!
//!     <!-- from FILE -->    its lines stand in that file, in this order
//!     <!-- run -->          a shell runs it, and the page's other blocks that are marked so, in a
//!                           folder where crdt/ is this project
//!
//! Every block of C++ must come from a source of a program that a test runs.
#include <algorithm>
#include <set>

#include "page.hpp"
#include "support/folder.hpp"
#include "support/program.hpp"

using namespace pages;

namespace {

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

}  // namespace

TEST_CASE("pages: a block of code that comes from a file stands there") {
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

TEST_CASE("pages: what a reader is told to run, runs") {
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
