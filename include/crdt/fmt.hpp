// SPDX-License-Identifier: MIT
//! fmt::formatter for every state. It needs the library {fmt}.
#pragma once

#include <crdt/lattice/concepts.hpp>
#include <crdt/to_string.hpp>

#include <fmt/format.h>

namespace fmt {

/// Formats the text of to_string(), with the options of a string: fmt::format("{:>40}", state).
template <crdt::Lattice L>
struct formatter<L, char> : formatter<string_view, char> {
    /// {fmt} calls this function.
    auto format(const L& state, auto& context) const {
        return formatter<string_view, char>::format(crdt::to_string(state), context);
    }
};

}  // namespace fmt
