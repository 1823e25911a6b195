// SPDX-License-Identifier: MIT
//! Says what a type lacks to be a key or a lattice, where a map is given one that is not.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <crdt/lattice/concepts.hpp>

namespace crdt::detail {

/// The base of what has keys of a K that is no Key: does not compile.
template <class K>
class NotAKey {
    static constexpr bool is_key = Key<K>;
    static_assert(
        is_key, "not a key: it lacks <, == or std::uint64_t hash_value(const K&), or is a pointer");
};

/// The base of what is made of an L that is no DecomposableLattice: does not compile, and says why.
template <class L>
class NotALattice {
    static constexpr bool is_regular = std::regular<L>;
    static constexpr bool merges = requires(L & a, const L& b) {
        { a.merge(b) } -> std::same_as<bool>;
    };
    static constexpr bool absorbs = requires(L & a, const L& b) {
        { a.absorb(b) } -> std::same_as<L>;
    };
    static constexpr bool is_ordered = requires(const L& a) {
        { a.leq(a) } -> std::same_as<bool>;
    };
    static constexpr bool has_bottom = requires(const L& a) {
        { a.is_bottom() } -> std::same_as<bool>;
    };
    static constexpr bool is_hashed = requires(const L& a) {
        { hash_of(a) } -> std::same_as<std::uint64_t>;
    };
    static constexpr bool differs = requires(const L& a) {
        { difference(a, a) } -> std::same_as<L>;
    };
    static constexpr bool is_digested = requires(const L& a) {
        { difference(a, digest(a)) } -> std::same_as<L>;
    };
    static constexpr bool is_counted = requires(const L& a) {
        { part_count(a) } -> std::same_as<std::size_t>;
    };
    static constexpr bool decomposes = requires(const L& a, void (*visit)(const L&)) {
        decompose(a, visit);
    };

    static_assert(is_regular, "not a lattice: it lacks a default constructor, copies or ==");
    static_assert(merges, "not a lattice: it lacks bool merge(const L&)");
    static_assert(absorbs, "not a lattice: it lacks L absorb(const L&)");
    static_assert(is_ordered, "not a lattice: it lacks bool leq(const L&) const");
    static_assert(has_bottom, "not a lattice: it lacks bool is_bottom() const");
    static_assert(is_hashed, "not a lattice: it lacks std::uint64_t hash_value(const L&)");
    static_assert(differs, "not a lattice: it lacks L difference(const L&, const L&)");
    static_assert(is_digested, "not a lattice: it lacks difference(const L&, digest(const L&))");
    static_assert(is_counted, "not a lattice: it lacks std::size_t part_count(const L&)");
    static_assert(decomposes, "not a lattice: it lacks void decompose(const L&, visit)");
};

}  // namespace crdt::detail
