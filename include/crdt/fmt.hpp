// SPDX-License-Identifier: MIT
//! fmt::formatter for states, dots, stamps, cursors and views. This header needs the library {fmt}.
#pragma once

#include <crdt/lattice/concepts.hpp>
#include <crdt/to_string.hpp>

#include <fmt/format.h>

namespace fmt {

/// Formats the text of to_string(), with the options of a string: fmt::format("{:>40}", value).
template <crdt::StateOrValue T>
struct formatter<T, char> : formatter<string_view, char> {
    /// {fmt} calls this function.
    auto format(const T& value, auto& context) const {
        return formatter<string_view, char>::format(crdt::to_string(value), context);
    }
};

}  // namespace fmt
