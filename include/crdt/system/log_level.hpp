// SPDX-License-Identifier: MIT
//! LogLevel: how urgent a line of a log is.
#pragma once

#include <array>

#include <crdt/detail/cpp20.hpp>

namespace crdt::system {

/// From what must be seen to what may be.
enum class LogLevel { error, warning, info, debug };
/// As they are written in the log.
inline constexpr std::array log_level_names{"error", "warning", "info", "debug"};

}  // namespace crdt::system
