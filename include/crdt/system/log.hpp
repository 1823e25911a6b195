// SPDX-License-Identifier: MIT
//! Log: writes lines to stderr.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <crdt/system/log_level.hpp>

namespace crdt::system {

/// Returns the first 300 bytes of `text`.
inline std::string clip(std::string_view text) { return std::string(text.substr(0, 300)); }

/// A log on stderr.
class Log {
    LogLevel level_;

  public:
    /// Makes a log that writes lines of `level` and of more urgent levels.
    explicit Log(LogLevel level = LogLevel::warning) : level_(level) {}

    /// Writes `text` as one line, if lines of `level` are logged.
    void operator()(LogLevel level, std::string_view text) const {
        if (level > level_) return;
        const std::string line = std::string(log_level_names[static_cast<std::size_t>(level)]) +
                                 ": " + std::string(text) + "\n";
        std::fwrite(line.data(), 1, line.size(), stderr);
    }
    /// Increments `counter`, and logs `text` as a warning with the new value. If the value is above
    /// 10, logs the text only if the value is a power of two, so that many warnings do not fill the
    /// disk.
    void warn_throttled(std::uint64_t& counter, std::string_view text) const {
        ++counter;
        if (counter <= 10 || (counter & (counter - 1)) == 0)
            (*this)(LogLevel::warning, clip(text) + " (number " + std::to_string(counter) + ")");
    }
};

}  // namespace crdt::system
