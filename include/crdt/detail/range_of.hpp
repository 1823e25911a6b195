// SPDX-License-Identifier: MIT
//! RangeOf: what a container can be made of.
#pragma once

#include <concepts>
#include <iterator>
#include <type_traits>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

/// A range whose elements convert to T, other than Self.
template <class Range, class T, class Self>
concept RangeOf = !std::same_as<std::remove_cvref_t<Range>, Self> && requires(Range & range) {
    { *std::begin(range) } -> std::convertible_to<T>;
    std::end(range);
};

}  // namespace crdt::detail
