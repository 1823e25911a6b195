// SPDX-License-Identifier: MIT
//! Runs a program on an input that ends, and keeps its output.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <sys/wait.h>

#include "folder.hpp"

namespace support {

struct Outcome {
    int exit_code;
    std::vector<std::string> lines;
    std::string errors;
};

/// Runs `command` in a shell with `input` on stdin, and waits for its end.
inline Outcome run_program(const std::string& command, const std::string& input) {
    const TemporaryFolder temporary;
    const std::filesystem::path& folder = temporary.path();
    std::ofstream(folder / "in", std::ios::binary) << input;
    const int status = std::system((command + " < " + (folder / "in").string() + " > " +
                                    (folder / "out").string() + " 2> " + (folder / "err").string())
                                       .c_str());
    Outcome outcome{WIFEXITED(status) ? WEXITSTATUS(status) : -1, {}, {}};
    std::ifstream output(folder / "out");
    for (std::string line; std::getline(output, line);) outcome.lines.push_back(line);
    std::ifstream errors(folder / "err");
    outcome.errors.assign(std::istreambuf_iterator<char>(errors), {});
    return outcome;
}

}  // namespace support
