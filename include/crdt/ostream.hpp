// SPDX-License-Identifier: MIT
//! operator<< for every state, for debugging; the one header of the types that knows streams.
#pragma once

#include <ostream>

#include <crdt/lattice/concepts.hpp>
#include <crdt/to_string.hpp>

namespace crdt {

/// Prints what to_string() says.
template <Lattice L>
std::ostream& operator<<(std::ostream& out, const L& state) {
    return out << to_string(state);
}

}  // namespace crdt
