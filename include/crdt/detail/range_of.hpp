// SPDX-License-Identifier: MIT
//! RangeOf: the ranges from which a container can be constructed.
#pragma once

#include <concepts>
#include <iterator>
#include <type_traits>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// A range, other than Self, of elements that convert to T.
template <class Range, class T, class Self>
concept RangeOf = !std::same_as<std::remove_cvref_t<Range>, Self> && requires(Range & range) {
    { *std::begin(range) } -> std::convertible_to<T>;
    std::end(range);
};

}  // namespace crdt::detail
