// SPDX-License-Identifier: MIT
//! std::formatter for states, dots, stamps, cursors and views, where the standard library has
//! std::format.
#pragma once

#include <string_view>
#include <version>

#include <crdt/lattice/concepts.hpp>
#include <crdt/to_string.hpp>

#ifdef __cpp_lib_format
#include <format>

/// Formats the text of to_string(), with the options of a string: std::format("{:>40}", value).
template <crdt::StateOrValue T>
struct std::formatter<T, char> : std::formatter<std::string_view, char> {
    /// std::format calls this function.
    auto format(const T& value, auto& context) const {
        return std::formatter<std::string_view, char>::format(crdt::to_string(value), context);
    }
};
#endif
