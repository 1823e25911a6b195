// SPDX-License-Identifier: MIT
//! operator<< for states, dots, stamps, cursors and views, for debugging. The headers of the types
//! include no streams.
#pragma once

#include <ostream>

#include <crdt/lattice/concepts.hpp>
#include <crdt/to_string.hpp>

namespace crdt {

/// Prints the text of to_string().
template <StateOrValue T>
std::ostream& operator<<(std::ostream& out, const T& value) {
    return out << to_string(value);
}

}  // namespace crdt
