// SPDX-License-Identifier: MIT
//! The concepts of the library: lattices, keys, values and total orders.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include <crdt/lattice/bounds.hpp>
#include <crdt/lattice/hash.hpp>
#include <crdt/lattice/owns.hpp>

namespace crdt {

/// A type with a total order: `<` and `==`, or a `<=>` that is never unordered.
template <class T>
concept TotallyOrdered = std::totally_ordered<T> && !requires(const T& value) {
    { value <=> value } -> std::same_as<std::partial_ordering>;
};

/// A key, an element or the id of a replica: a value with a total order, and with a hash or a
/// Serializer. Whole numbers, bool, enums, strings, std::array, pair, tuple, optional, vector and
/// chrono types are keys. Your own types are keys if they have `<=>` and a crdt::Serializer (or a
/// hash_value()). These types are not keys: floating-point numbers (NaN is not ordered), pointers
/// and views (they point to different objects at each replica), numbers of more than 64 bits, and
/// types with moves that can throw.
template <class T>
concept Key = OwnsItsValue<T> && FitsIn64Bits<T> && std::regular<T> && TotallyOrdered<T> &&
    MovesSafely<T> && requires(const T& value) {
    { detail::hash_of(value) } -> std::same_as<std::uint64_t>;
};

/// The content of a register or a field: any Key, or any other value with `==` and a Serializer,
/// such as a double. Values that are not keys are compared by their canonical bytes.
template <class T>
concept Value = Key<T> ||(OwnsItsValue<T>&& FitsIn64Bits<T>&& std::semiregular<T>&&
                              std::equality_comparable<T>&& MovesSafely<T>&& Serializable<T>);

/// The id of a replica: any key. Two replicas must never use one id.
template <class T>
concept ReplicaId = Key<T>;

/// A total order with a least value.
template <class T>
concept Chain = Key<T> && requires {
    { (Bounds<T>::min)() } -> std::same_as<T>;
};

/// A total order with a least and a greatest value.
template <class T>
concept BoundedChain = Chain<T> && requires {
    { (Bounds<T>::max)() } -> std::same_as<T>;
};

/// A join-semilattice with a bottom, as a regular value.
///
///     L{}           bottom
///     a.merge(b)    a := a ⊔ b; returns true iff a grew
///     a.absorb(b)   a := a ⊔ b; returns the delta: everything in b that a lacked
///     a.leq(b)      a ⊑ b
///     a == b        equality of states
template <class L>
concept Lattice = std::regular<L> && MovesSafely<L> && requires(L& a, const L& b) {
    { a.merge(b) } -> std::same_as<bool>;
    { a.absorb(b) } -> std::same_as<L>;
    { b.leq(b) } -> std::same_as<bool>;
    { b.is_bottom() } -> std::same_as<bool>;
    { detail::hash_of(b) } -> std::same_as<std::uint64_t>;
};

/// Returns a ⊔ b, the least state that is above both `a` and `b`.
template <Lattice L>
constexpr L join(L a, const L& b) {
    a.merge(b);
    return a;
}

/// Compares two states. `a < b` if `b` contains everything that `a` contains, and more. If each
/// state contains something that the other state lacks, the result is unordered: the states are
/// concurrent. O(n).
template <Lattice L>
constexpr std::partial_ordering operator<=>(const L& a, const L& b) {
    const bool below = a.leq(b), above = b.leq(a);
    if (below && above) return std::partial_ordering::equivalent;
    if (below) return std::partial_ordering::less;
    return above ? std::partial_ordering::greater : std::partial_ordering::unordered;
}

/// A lattice with a total order of states. So the join of two states is the greater of the two.
template <class L>
concept ChainLattice = Lattice<L> && requires {
    requires L::is_chain;
};

/// The type that digest() returns for an L. The digest of a state has all the information about
/// this state that difference() needs.
template <class L>
using DigestOf = decltype(digest(std::declval<const L&>()));

/// A lattice in which every state is the join of finitely many join-irreducible parts. A part is
/// join-irreducible if it is not the join of smaller states. For example, one element of a set is a
/// part. The least delta for a receiver is the join of the parts that the receiver lacks. Every
/// composition of this library's combinators is a DecomposableLattice.
///
/// Source  Enes, Almeida, Baquero, Leitão: Efficient synchronization of state-based CRDTs (ICDE
///         2019)
///
///     difference(a, b)          Δ(a, b): the least d with d ⊔ b = a ⊔ b
///     decompose(a, f)           calls f(const L&) for each join-irreducible part of a
///     part_count(a)             the number of these parts, at most the greatest std::size_t
///     digest(a)                 a summary with difference(x, digest(a)) == difference(x, a)
template <class L>
concept DecomposableLattice = Lattice<L> && requires(const L& a, void (*visit)(const L&)) {
    { difference(a, a) } -> std::same_as<L>;
    { difference(a, digest(a)) } -> std::same_as<L>;
    { part_count(a) } -> std::same_as<std::size_t>;
    decompose(a, visit);
};

// A state can have many more parts than bytes. For example, the removals of a million consecutive
// dots are a million parts, but the state stores them as one range. So code that visits a whole
// state visits its ranges. The two functions below are for lattices in which each range is one
// part. All other lattices overload them.

/// Calls visit(const L&) once for each range of `state`. A range is one or more parts that the
/// state stores as one unit. The join of all visited ranges is `state`, and each range is a delta.
/// O(memory of the state).
template <DecomposableLattice L, class Visit>
constexpr void decompose_by_ranges(const L& state, Visit&& visit) {
    decompose(state, visit);
}
/// Returns the number of ranges: how often decompose_by_ranges() calls visit. The cost to store,
/// send and compare a state is about proportional to this number.
template <DecomposableLattice L>
constexpr std::size_t range_count(const L& state) {
    return part_count(state);
}

namespace detail {

/// Returns a + b, at most the greatest std::size_t.
constexpr std::size_t saturating_add(std::size_t a, std::size_t b) {
    return b > (std::numeric_limits<std::size_t>::max)() - a
               ? (std::numeric_limits<std::size_t>::max)()
               : a + b;
}

/// Visits the components of a composed lattice part by part.
struct ByParts {
    template <class L, class Visit>
    static constexpr void decompose_each(const L& state, Visit&& visit) {
        decompose(state, visit);
    }
    template <class L>
    static constexpr std::size_t count(const L& state) {
        return part_count(state);
    }
};
/// Visits the components of a composed lattice range by range.
struct ByRanges {
    template <class L, class Visit>
    static constexpr void decompose_each(const L& state, Visit&& visit) {
        decompose_by_ranges(state, visit);
    }
    template <class L>
    static constexpr std::size_t count(const L& state) {
        return range_count(state);
    }
};

/// Is T a type of this library that is hashed and printed like a state, but is not a lattice?
template <class T>
inline constexpr bool is_value_of_library = false;

}  // namespace detail

/// The types that have a std::hash and a to_string() of this library: states, Dot, HybridTime,
/// Stamp, Cursor and View.
template <class T>
concept StateOrValue = Lattice<T> || detail::is_value_of_library<T>;

}  // namespace crdt

/// @cond
/// The hash of any state, dot, stamp, cursor or view, for unordered containers. It is the same on
/// all platforms. O(n).
template <crdt::StateOrValue T>
struct std::hash<T> {
    /// Returns the hash of `value`.
    std::size_t operator()(const T& value) const {
        return static_cast<std::size_t>(crdt::detail::hash_of(value));
    }
};
/// @endcond
