// SPDX-License-Identifier: MIT
//! Log: lines on stderr, which Maelstrom keeps.
#pragma once

#include <array>
#include <cstdio>
#include <string>
#include <string_view>

namespace crdt::maelstrom {

enum class LogLevel { error, warning, info, debug };
inline constexpr std::array log_level_names{"error", "warning", "info", "debug"};

class Log {
    LogLevel level_;

  public:
    explicit Log(LogLevel level = LogLevel::warning) : level_(level) {}

    void operator()(LogLevel level, std::string_view text) const {
        if (level > level_) return;
        const std::string line = std::string(log_level_names[static_cast<std::size_t>(level)]) +
                                 ": " + std::string(text) + "\n";
        std::fwrite(line.data(), 1, line.size(), stderr);
    }
};

}  // namespace crdt::maelstrom
