// SPDX-License-Identifier: MIT
//! Counted: a key, element or replica id that counts how often it is compared.
#pragma once

#include <compare>
#include <cstdint>

#include <crdt/lattice/bounds.hpp>

#include "spent.hpp"

struct Counted {
    std::uint64_t value = 0;

    friend bool operator==(const Counted& a, const Counted& b) {
        ++spent.comparisons;
        return a.value == b.value;
    }
    friend std::strong_ordering operator<=>(const Counted& a, const Counted& b) {
        ++spent.comparisons;
        return a.value <=> b.value;
    }
    friend std::uint64_t hash_value(const Counted& a) { return a.value; }
};

template <>
struct crdt::Bounds<Counted> {
    static constexpr Counted(min)() { return {}; }
};
