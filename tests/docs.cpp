// SPDX-License-Identifier: MIT
//! Checks that the examples in headers are those that the tests compile and run, and that all
//! versions agree.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <crdt/version.hpp>

namespace docs_tests {

namespace fs = std::filesystem;

namespace {

const fs::path root = PROJECT_ROOT;

std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    REQUIRE_MESSAGE(file, "cannot read ", path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string trimmed(const std::string& line) {
    const auto first = line.find_first_not_of(" /");
    return first == std::string::npos ? "" : line.substr(first);
}

/// Checks that the named file contains the comment lines after "Example (file):", in the same
/// order.
int check_examples(const fs::path& header) {
    std::ifstream lines(header);
    std::string program;
    std::size_t position = 0;
    int examples = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto mark = line.find("/// Example (");
        if (mark != std::string::npos) {
            const auto begin = line.find('(') + 1;
            program = text_of(root / line.substr(begin, line.find(')') - begin));
            position = 0;
            ++examples;
        } else if (!program.empty() && line.find("///     ") == 0) {
            position = program.find(trimmed(line), position);
            CHECK_MESSAGE(position != std::string::npos, header.string(), ": ", line);
        } else {
            program.clear();
        }
    }
    return examples;
}

}  // namespace

TEST_CASE("docs: the examples in headers are compiled and run") {
    int examples = 0;
    for (const auto& entry : fs::recursive_directory_iterator(root / "include")) {
        if (entry.path().extension() == ".hpp") examples += check_examples(entry.path());
    }
    CHECK(examples >= 3);
}

TEST_CASE("docs: the version is the same everywhere") {
    const std::string version = std::to_string(CRDT_VERSION_MAJOR) + "." +
                                std::to_string(CRDT_VERSION_MINOR) + "." +
                                std::to_string(CRDT_VERSION_PATCH);
    CHECK(version == PROJECT_VERSION);
    CHECK(text_of(root / "CHANGELOG.md").find("## " + version) != std::string::npos);
    const auto port = text_of(root / "packaging/vcpkg/ports/crdt/vcpkg.json");
    CHECK(nlohmann::json::parse(port)["version"] == version);
    CHECK(CRDT_VERSION / 10000 == CRDT_VERSION_MAJOR);
    CHECK(CRDT_VERSION / 100 % 100 == CRDT_VERSION_MINOR);
    CHECK(CRDT_VERSION % 100 == CRDT_VERSION_PATCH);
}

}  // namespace docs_tests
