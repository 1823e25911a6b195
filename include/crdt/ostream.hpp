// SPDX-License-Identifier: MIT
//! operator<< for every state, for debugging; the one header of the types that knows streams.
#pragma once

#include <ostream>

#include <crdt/lattice/concepts.hpp>
#include <crdt/show.hpp>

namespace crdt {

/// Prints what show() says.
template <Lattice L>
std::ostream& operator<<(std::ostream& out, const L& state) {
    return out << show(state);
}

}  // namespace crdt
