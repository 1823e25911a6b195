// SPDX-License-Identifier: MIT
//! Before: `<` as the order of a map, which can be searched for whatever compares with its keys.
#pragma once

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

struct Before {
    using is_transparent = void;
    constexpr bool operator()(const auto& a, const auto& b) const { return a < b; }
};

}  // namespace crdt::detail
