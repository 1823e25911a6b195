// SPDX-License-Identifier: MIT
//! The flag of the log level.
#pragma once

#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include <crdt/system/log_level.hpp>

inline void add_log_flag(CLI::App& app, const std::string& name, crdt::system::LogLevel& level) {
    using crdt::system::LogLevel;
    app.add_option(name, level, "error, warning, info or debug; to stderr")
        ->transform(
            CLI::CheckedTransformer(std::map<std::string, LogLevel>{{"error", LogLevel::error},
                                                                    {"warning", LogLevel::warning},
                                                                    {"info", LogLevel::info},
                                                                    {"debug", LogLevel::debug}}));
}
