// SPDX-License-Identifier: MIT
//! operator<< for every state, for debugging; the only header of the types that includes streams.
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
