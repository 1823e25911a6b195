// SPDX-License-Identifier: MIT
//! Which names of replicas the binary codec writes once, and by a number from then on.
#pragma once

#include <cstddef>

#include <crdt/detail/cpp20.hpp>

namespace crdt::binary {

/// In bytes. A longer name is written in full each time: each dot that is read has a copy of its
/// name, so a number of one byte must not stand for a name of any length.
inline constexpr std::size_t longest_numbered_name = 127;

}  // namespace crdt::binary
