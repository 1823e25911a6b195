// SPDX-License-Identifier: MIT
//! Numbers that no earlier run of a node has used.
#pragma once

#include <cstdint>
#include <random>

#include <crdt/detail/cpp20.hpp>

namespace crdt::system {

/// Returns a random number of 48 bits from std::random_device, never 0. In practice, no earlier run
/// has used the number. Every JSON implementation represents the number exactly, even after many
/// increments. Throws what std::random_device throws. Any thread may call it.
inline std::uint64_t fresh_number() {
    std::random_device device;
    const std::uint64_t bits = (std::uint64_t{device()} << 32U) | device();
    return (bits >> 16U) | 1U;
}

}  // namespace crdt::system
