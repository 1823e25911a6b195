// SPDX-License-Identifier: MIT
//! Which names of replicas the binary codec writes once, and as a number after that.
#pragma once

#include <cstddef>

#include <crdt/detail/cpp20.hpp>

namespace crdt::binary {

/// The length in bytes up to which a name has a number. A longer name is written in full each time.
/// Each dot that is read has a copy of its name, so the limit bounds the memory that one byte of
/// malformed input can take.
inline constexpr std::size_t longest_numbered_name = 127;

}  // namespace crdt::binary
