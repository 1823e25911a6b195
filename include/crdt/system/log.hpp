// SPDX-License-Identifier: MIT
//! Log: lines on stderr.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <crdt/system/log_level.hpp>

namespace crdt::system {

/// Returns the beginning of a text that may be long.
inline std::string clip(std::string_view text) { return std::string(text.substr(0, 300)); }

/// A log on stderr.
class Log {
    LogLevel level_;

  public:
    /// Logs lines of `level` and of more urgent levels.
    explicit Log(LogLevel level = LogLevel::warning) : level_(level) {}

    /// Writes a line.
    void operator()(LogLevel level, std::string_view text) const {
        if (level > level_) return;
        const std::string line = std::string(log_level_names[static_cast<std::size_t>(level)]) +
                                 ": " + std::string(text) + "\n";
        std::fwrite(line.data(), 1, line.size(), stderr);
    }
    /// Increments `counter`. Logs the first 10 calls, then only powers of two, so that a flood does
    /// not fill the disk.
    void warn_throttled(std::uint64_t& counter, std::string_view text) const {
        ++counter;
        if (counter <= 10 || (counter & (counter - 1)) == 0)
            (*this)(LogLevel::warning, clip(text) + " (number " + std::to_string(counter) + ")");
    }
};

}  // namespace crdt::system
