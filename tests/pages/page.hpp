// SPDX-License-Identifier: MIT
//! Reads the pages of the documentation: their prose and their blocks of code.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace pages {

namespace fs = std::filesystem;

inline const fs::path root = PROJECT_ROOT;
inline const fs::path build = PROJECT_BUILD;

inline std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    REQUIRE_MESSAGE(file, "cannot read ", path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

inline std::string trimmed(const std::string& line) {
    const auto first = line.find_first_not_of(' ');
    return first == std::string::npos ? ""
                                      : line.substr(first, line.find_last_not_of(' ') + 1 - first);
}

inline std::vector<fs::path> all() {
    std::vector<fs::path> found{root / "README.md", root / "CONTRIBUTING.md",
                                root / "examples/README.md"};
    for (const auto& entry : fs::recursive_directory_iterator(root / "docs"))
        if (entry.path().extension() == ".md") found.push_back(entry.path());
    return found;
}

/// Returns the lines of a page outside blocks of code, with their line numbers.
inline std::map<std::size_t, std::string> prose_of(const fs::path& page) {
    std::map<std::size_t, std::string> prose;
    bool is_inside = false;
    std::size_t number = 0;
    for (const std::string& line : lines_of(text_of(page))) {
        ++number;
        const bool is_fence = trimmed(line).starts_with("```");
        if (!is_inside && !is_fence) prose[number] = line;
        if (is_fence) is_inside = !is_inside;
    }
    return prose;
}

struct Block {
    std::string place;
    std::string language;
    /// The comment before it.
    std::string mark;
    std::vector<std::string> lines;
};

inline std::vector<Block> blocks_of(const fs::path& page) {
    static const std::regex comment("<!-- (.*) -->");
    std::vector<Block> blocks;
    std::string before;
    bool is_inside = false;
    std::size_t number = 0;
    for (const std::string& full_line : lines_of(text_of(page))) {
        const std::string line = trimmed(full_line);
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

/// Returns Meson's report about the build: its "targets" or its "tests".
inline nlohmann::json introspected(const std::string& what) {
    return nlohmann::json::parse(text_of(build / "meson-info" / ("intro-" + what + ".json")));
}

}  // namespace pages
