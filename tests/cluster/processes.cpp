// SPDX-License-Identifier: MIT
//! Tests Process: a program may end while lines are sent to it.
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "process.hpp"

namespace processes_tests {

namespace {

cluster::Command shell(const std::string& script) {
    cluster::Command command;
    command.binary = "/bin/sh";
    command.arguments = {"-c", script};
    command.working_directory = "/";
    command.log = "/dev/null";
    return command;
}

}  // namespace

TEST_CASE("process: lines are sent and read") {
    cluster::Process process(shell("read line; echo \"got $line\""));
    process.send("7\n");
    std::vector<std::string> lines;
    while (process.output() >= 0)
        process.read_lines([&](std::string_view line) { lines.emplace_back(line); });
    CHECK(lines == std::vector<std::string>{"got 7"});
}

// If SIGPIPE was not ignored, it ended the sender.
TEST_CASE("process: sending to a program that has ended has no effect") {
    cluster::Process process(shell("exit 3"));
    while (process.output() >= 0) process.read_lines([](std::string_view) {});
    for (int i = 0; i < 3; ++i) process.send("a line for nobody\n");
    CHECK(process.output() < 0);
}

}  // namespace processes_tests
