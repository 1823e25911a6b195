// SPDX-License-Identifier: MIT
//! Runs a program on an input that ends, and keeps what it says.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

namespace support {

struct Outcome {
    int exit_code;
    std::vector<std::string> lines;
};

/// Feeds `input` to `command` (a shell's words) and waits for its end.
inline Outcome run_program(const std::string& command, const std::string& input) {
    namespace fs = std::filesystem;
    std::string pattern = (fs::temp_directory_path() / "crdt-test-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    const fs::path folder(pattern);
    std::ofstream(folder / "in", std::ios::binary) << input;
    const int status = std::system((command + " < " + (folder / "in").string() + " > " +
                                    (folder / "out").string() + " 2> " + (folder / "err").string())
                                       .c_str());
    Outcome outcome{WIFEXITED(status) ? WEXITSTATUS(status) : -1, {}};
    std::ifstream output(folder / "out");
    for (std::string line; std::getline(output, line);) outcome.lines.push_back(line);
    fs::remove_all(folder);
    return outcome;
}

}  // namespace support
