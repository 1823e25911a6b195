// SPDX-License-Identifier: MIT
//! Log: lines on stderr, which Maelstrom keeps.
#pragma once

#include <array>
#include <cstdio>
#include <string>
#include <string_view>

namespace crdt::maelstrom {

/// From what must be seen to what may be.
enum class LogLevel { error, warning, info, debug };
/// As they are written in the log.
inline constexpr std::array log_level_names{"error", "warning", "info", "debug"};

/// A log on stderr, which Maelstrom leaves to the node.
class Log {
    LogLevel level_;

  public:
    /// Of this level and more urgent ones.
    explicit Log(LogLevel level = LogLevel::warning) : level_(level) {}

    /// Writes a line.
    void operator()(LogLevel level, std::string_view text) const {
        if (level > level_) return;
        const std::string line = std::string(log_level_names[static_cast<std::size_t>(level)]) +
                                 ": " + std::string(text) + "\n";
        std::fwrite(line.data(), 1, line.size(), stderr);
    }
};

}  // namespace crdt::maelstrom
