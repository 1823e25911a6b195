// SPDX-License-Identifier: MIT
//! Says what a type lacks to be a key or a lattice, where a map is given one that is not.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <crdt/lattice/concepts.hpp>

namespace crdt::detail {

/// What a K lacks to be a Key: the first of these.
enum class KeyFlaw { none, points_elsewhere, inexact, wide, irregular, unordered, moves, unhashed };

template <class K>
constexpr KeyFlaw key_flaw() {
    if constexpr (!OwnsItsValue<K>)
        return KeyFlaw::points_elsewhere;
    else if constexpr (std::floating_point<K>)
        return KeyFlaw::inexact;
    else if constexpr (!FitsIn64Bits<K>)
        return KeyFlaw::wide;
    else if constexpr (!std::semiregular<K>)
        return KeyFlaw::irregular;
    else if constexpr (!std::totally_ordered<K>)
        return KeyFlaw::unordered;
    else if constexpr (!MovesSafely<K>)
        return KeyFlaw::moves;
    else if constexpr (!Key<K>)
        return KeyFlaw::unhashed;
    else
        return KeyFlaw::none;
}

/// The base of what has keys of a K that is no Key: does not compile, and says what to do.
template <class K>
class NotAKey {
    static constexpr KeyFlaw flaw = key_flaw<K>();
    static_assert(
        flaw != KeyFlaw::points_elsewhere,
        "not a key: what pointers, views, iterators and references point at differs between "
        "replicas; use a type that owns its value, such as std::string for text");
    static_assert(
        flaw != KeyFlaw::inexact,
        "not a key: floating-point numbers have no total order (NaN); use an integer that "
        "counts the smallest unit");
    static_assert(
        flaw != KeyFlaw::wide,
        "not a key: a number of more than 64 bits would lose its upper half in hashes and "
        "bytes; use a struct of two std::uint64_t");
    static_assert(flaw != KeyFlaw::irregular,
                  "not a key: it lacks a default constructor or copies; give it both");
    static_assert(
        flaw != KeyFlaw::unordered,
        "not a key: it lacks < or ==; give it a friend operator<=>(const K&, const K&) that "
        "is default, or a total order of your own");
    static_assert(flaw != KeyFlaw::moves,
                  "not a key: its moves can throw; declare its move constructor and its move "
                  "assignment noexcept");
    static_assert(flaw != KeyFlaw::unhashed,
                  "not a key: it lacks a hash; give it std::uint64_t hash_value(const K&) in its "
                  "namespace, of crdt::hash_value() and crdt::hash_combine() of its members");
};

/// The base of what has several kinds of keys, of which one is no Key.
template <class... K>
class NotKeys {
    static_assert((sizeof(NotAKey<K>) + ...) > 0);  // complete, and so checked
};

/// The base of what has an Id that is no Chain.
template <class Id>
class NotAChain {
    static constexpr bool is_chain = Chain<Id> || !Key<Id>;
    static_assert(
        is_chain,
        "not a chain: it lacks a least value; specialise crdt::Bounds for it, with a static "
        "least()");
};

/// The base of what is made of an L that is no DecomposableLattice: does not compile, and says why.
template <class L>
class NotALattice {
    static constexpr bool is_regular = std::regular<L>;
    static constexpr bool moves = MovesSafely<L>;
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

    static_assert(is_regular,
                  "not a lattice: it lacks a default constructor, copies or ==; give it all three, "
                  "or derive it from crdt::Composed");
    static_assert(moves || !is_regular,
                  "not a lattice: its moves can throw; declare its move constructor and its move "
                  "assignment noexcept");
    static_assert(
        merges,
        "not a lattice: it lacks bool merge(const L&); derive it from crdt::Composed, or add that");
    static_assert(
        absorbs,
        "not a lattice: it lacks L absorb(const L&); derive it from crdt::Composed, or add that");
    static_assert(is_ordered,
                  "not a lattice: it lacks bool leq(const L&) const; derive it from "
                  "crdt::Composed, or add that");
    static_assert(has_bottom,
                  "not a lattice: it lacks bool is_bottom() const; derive it from crdt::Composed, "
                  "or add that");
    static_assert(is_hashed,
                  "not a lattice: it lacks std::uint64_t hash_value(const L&); derive it from "
                  "crdt::Composed, or add that");
    static_assert(differs,
                  "not a lattice: it lacks L difference(const L&, const L&); derive it from "
                  "crdt::Composed, or add that");
    static_assert(is_digested,
                  "not a lattice: it lacks difference(const L&, digest(const L&)); derive it from "
                  "crdt::Composed, or add that");
    static_assert(is_counted,
                  "not a lattice: it lacks std::size_t part_count(const L&); derive it from "
                  "crdt::Composed, or add that");
    static_assert(decomposes,
                  "not a lattice: it lacks void decompose(const L&, visit); derive it from "
                  "crdt::Composed, or add that");
};

}  // namespace crdt::detail
