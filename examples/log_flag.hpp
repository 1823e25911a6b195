// SPDX-License-Identifier: MIT
//! The flag of the log level.
#pragma once

#include <algorithm>
#include <string>

#include <CLI/CLI.hpp>

#include <crdt/system/log_level.hpp>

inline void add_log_flag(CLI::App& app, const std::string& name, crdt::system::LogLevel& level) {
    // Without this conversion, CLI11 would read an enumeration as a number.
    const auto number_of = [](std::string& word) {
        const auto& names = crdt::system::log_level_names;
        const auto found = std::find(names.begin(), names.end(), word);
        if (found == names.end())
            return "expected error, warning, info or debug; found '" + word + "'";
        word = std::to_string(found - names.begin());
        return std::string();
    };
    app.add_option(name, level, "error, warning, info or debug; to stderr")
        ->transform(CLI::Validator{number_of, "", "level"});
}
