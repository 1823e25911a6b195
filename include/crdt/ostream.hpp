// SPDX-License-Identifier: MIT
//! operator<< for every state, for debugging. No other header of the types includes streams.
#pragma once

#include <ostream>

#include <crdt/lattice/concepts.hpp>
#include <crdt/to_string.hpp>

namespace crdt {

/// Prints the text of to_string().
template <Lattice L>
std::ostream& operator<<(std::ostream& out, const L& state) {
    return out << to_string(state);
}

}  // namespace crdt
