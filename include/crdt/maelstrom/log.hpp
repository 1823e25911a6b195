// SPDX-License-Identifier: MIT
//! Log: lines on stderr, which Maelstrom keeps.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include <crdt/system/log_level.hpp>

namespace crdt::maelstrom {

using system::LogLevel;

/// A log on stderr, which Maelstrom leaves to the node.
class Log {
    LogLevel level_;

  public:
    /// Of this level and more urgent ones.
    explicit Log(LogLevel level = LogLevel::warning) : level_(level) {}

    /// Writes a line.
    void operator()(LogLevel level, std::string_view text) const {
        if (level > level_) return;
        const std::string line =
            std::string(system::log_level_names[static_cast<std::size_t>(level)]) + ": " +
            std::string(text) + "\n";
        std::fwrite(line.data(), 1, line.size(), stderr);
    }
};

}  // namespace crdt::maelstrom
