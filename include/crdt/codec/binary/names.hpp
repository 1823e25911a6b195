// SPDX-License-Identifier: MIT
//! The rule for names of replicas: the binary codec writes a short name once, then its number.
#pragma once

#include <cstddef>

#include <crdt/detail/cpp20.hpp>

namespace crdt::binary {

/// The length in bytes up to which a name has a number. A longer name is written in full each time.
/// The reader copies the name into each dot. So this limit bounds the memory that one byte of
/// malformed input can cause the reader to allocate.
inline constexpr std::size_t longest_numbered_name = 127;

}  // namespace crdt::binary
