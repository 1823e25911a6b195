// SPDX-License-Identifier: MIT
//! LogLevel: the urgency of a log line.
#pragma once

#include <array>

#include <crdt/detail/cpp20.hpp>

namespace crdt::system {

/// The levels, from the most to the least urgent.
enum class LogLevel { error, warning, info, debug };
/// The names of the levels in the log.
inline constexpr std::array log_level_names{"error", "warning", "info", "debug"};

}  // namespace crdt::system
