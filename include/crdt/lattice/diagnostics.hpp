// SPDX-License-Identifier: MIT
//! The messages that the compiler prints if a type argument is not a key, a value or a lattice.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/integer.hpp>

namespace crdt::detail {

/// The reasons why a template refuses a type argument, for example because a T is not a Key or a
/// Value. If several reasons apply, the compiler prints only the first.
enum class Flaw {
    none,
    points_elsewhere,
    wide,
    irregular,
    moves,
    inexact,
    unordered,
    unhashed,
    unwritten,
    countless,
    without_least,
    without_dots,
    nameless
};

template <class T>
constexpr Flaw flaw_of(bool is_key) {
    if constexpr (!OwnsItsValue<T>) {
        return Flaw::points_elsewhere;
    } else if constexpr (!FitsIn64Bits<T>) {
        return Flaw::wide;
    } else if constexpr (!std::semiregular<T>) {
        return Flaw::irregular;
    } else if constexpr (!MovesSafely<T>) {
        return Flaw::moves;
    } else {
        constexpr bool is_value = Value<T>, has_order = std::totally_ordered<T>;
        if (!is_key) return is_value ? Flaw::none : Flaw::unwritten;
        if constexpr (has_order && !TotallyOrdered<T>) return Flaw::inexact;
        if constexpr (!has_order) return Flaw::unordered;
        return Key<T> ? Flaw::none : Flaw::unhashed;
    }
}

/// Returns the first flaw of the types K, which are used as keys.
template <class... K>
constexpr Flaw flaw_of_keys() {
    Flaw found = Flaw::none;
    ((found = found == Flaw::none ? flaw_of<K>(true) : found), ...);
    return found;
}
/// Returns the flaw of a register with values of type T and ids of type Id.
template <class T, class Id>
constexpr Flaw flaw_of_register() {
    constexpr Flaw found = flaw_of<T>(false);
    return found == Flaw::none ? flaw_of_keys<Id>() : found;
}

/// Returns the flaw of a register with ids that need a least value.
template <class T, class Id>
constexpr Flaw flaw_of_stamped() {
    constexpr Flaw found = flaw_of_register<T, Id>();
    return found == Flaw::none && !Chain<Id> ? Flaw::without_least : found;
}
/// Returns the flaw of the ids of a counter. If the ids have no flaw, returns Flaw::countless.
template <class Id>
constexpr Flaw flaw_of_counter() {
    constexpr Flaw found = flaw_of_keys<Id>();
    return found == Flaw::none ? Flaw::countless : found;
}

/// The base class of a template with arguments that have a flaw. The class does not compile, and
/// the compiler prints what to change.
template <Flaw Found, class... T>
class Refused {
    static_assert(
        Found != Flaw::points_elsewhere,
        "not a value: what pointers, views, iterators and references point at differs between "
        "replicas; use a type that owns its value, such as std::string for text");
    static_assert(
        Found != Flaw::wide,
        "not a value: a number of more than 64 bits would lose its upper half in hashes and "
        "bytes; use a struct of two std::uint64_t");
    static_assert(Found != Flaw::irregular,
                  "not a value: it lacks a default constructor or copies; give it both");
    static_assert(Found != Flaw::moves,
                  "not a value: its moves can throw; declare its move constructor and its move "
                  "assignment noexcept");
    static_assert(
        Found != Flaw::inexact,
        "not a key: floating-point numbers have no total order (NaN); use an integer that "
        "counts the smallest unit");
    static_assert(
        Found != Flaw::unordered,
        "not a key: it lacks < or ==; give it a friend operator<=>(const K&, const K&) that "
        "is default, or a total order of your own");
    static_assert(Found != Flaw::unhashed,
                  "not a key: it lacks a crdt::Serializer; give it one, such as struct "
                  "crdt::Serializer<K> : crdt::Members<&K::x, &K::y> {}");
    static_assert(Found != Flaw::unwritten,
                  "not a value: it lacks == or a crdt::Serializer; give it both, such as struct "
                  "crdt::Serializer<T> : crdt::Members<&T::x, &T::y> {}");
    static_assert(Found != Flaw::countless,
                  "not a count: a GCounter, PNCounter, BoundedCounter or ResettableCounter counts "
                  "in an unsigned type of at most 64 bits, a LexCounter in a signed one");
    static_assert(Found != Flaw::without_least,
                  "not a total order with a least value; specialise crdt::Bounds for it, with a "
                  "static min()");
    static_assert(
        Found != Flaw::without_dots,
        "not a causal type, as AWSet, MVRegister, ResettableCounter, Record and ORMap are; "
        "a lattice without dots, such as GCounter, belongs into a GMap, and a Product is a "
        "Record here");
    static_assert(Found != Flaw::nameless,
                  "a type in a document lacks a name: a lattice has a static type_name, a key or a "
                  "value has one in its crdt::Serializer; it is a word without < > ( ) and commas");
};

/// If the argument L of a template is not a DecomposableLattice, the template derives from this
/// class. This class then does not compile, and the compiler prints what L lacks.
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
