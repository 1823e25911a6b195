// SPDX-License-Identifier: MIT
//! The rule for names of replicas: the binary codec writes a short name once, then its number.
#pragma once

#include <cstddef>

#include <crdt/detail/cpp20.hpp>

namespace crdt::binary {

/// The greatest length in bytes of a name that gets a number. A longer name is written in full each
/// time. A number needs only one byte of input, but for each number the reader may copy a name. So
/// this limit bounds the memory that one byte of malformed input can make the reader allocate.
inline constexpr std::size_t longest_numbered_name = 127;

}  // namespace crdt::binary
