// SPDX-License-Identifier: MIT
//! fmt::formatter for every state; needs the library {fmt}.
#pragma once

#include <crdt/lattice/concepts.hpp>
#include <crdt/show.hpp>

#include <fmt/format.h>

/// Formats what show() says, with the options of a text: fmt::format("{:>40}", state).
template <crdt::Lattice L>
struct fmt::formatter<L, char> : fmt::formatter<fmt::string_view, char> {
    auto format(const L& state, auto& context) const {
        return fmt::formatter<fmt::string_view, char>::format(crdt::show(state), context);
    }
};
