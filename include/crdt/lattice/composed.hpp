// SPDX-License-Identifier: MIT
//! Composed: the base of a data type that is a composition of lattices with words of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>

namespace crdt {

/// Gives `Self` the whole lattice contract of `Representation`, so that a type adds only its
/// mutators and its queries:
///
///     class Tally : public crdt::Composed<Tally, crdt::MapOf<std::string, crdt::Max<int>>> {
///         ...
///     };
///
/// `Self` reaches the representation as `lattice()` to read and `state()` to change; every change
/// must be a join, as those that the combinators' `apply` and `advance` make.
template <class Self, DecomposableLattice Representation>
class Composed {
    Representation representation_;

    static constexpr Self wrap(Representation representation) {
        Self result;
        static_cast<Composed&>(result).representation_ = std::move(representation);
        return result;
    }

  protected:
    constexpr Representation& state() { return representation_; }

    /// Runs a delta-mutator of the representation and returns its delta as a Self.
    template <class Mutate>
    constexpr Self mutate(Mutate&& mutator) {
        return wrap(mutator(representation_));
    }

  public:
    using lattice_type = Representation;

    /// The composition that this type is made of; codecs and printers work on it.
    constexpr const Representation& lattice() const { return representation_; }
    constexpr Representation release() && { return std::move(representation_); }
    static constexpr Self from_lattice(Representation representation) {
        return wrap(std::move(representation));
    }

    constexpr bool merge(const Self& other) { return representation_.merge(other.lattice()); }
    constexpr Self absorb(const Self& other) {
        return wrap(representation_.absorb(other.lattice()));
    }
    constexpr bool leq(const Self& other) const { return representation_.leq(other.lattice()); }
    constexpr bool is_bottom() const { return representation_.is_bottom(); }

    friend constexpr bool operator==(const Self& a, const Self& b) {
        return a.lattice() == b.lattice();
    }
    friend constexpr bool conflicts(const Self& a,
                                    const Self& b) requires detail::CanConflict<Representation> {
        return conflicts(a.lattice(), b.lattice());
    }
    friend constexpr Self difference(const Self& a, const Self& b) {
        return wrap(difference(a.lattice(), b.lattice()));
    }
    friend constexpr Self difference(const Self& a, const DigestOf<Representation>& b) requires(
        !std::same_as<DigestOf<Representation>, Self>) {
        return wrap(difference(a.lattice(), b));
    }
    friend constexpr DigestOf<Representation> digest(const Self& a) { return digest(a.lattice()); }
    friend constexpr std::size_t part_count(const Self& a) { return part_count(a.lattice()); }
    friend constexpr std::size_t range_count(const Self& a) { return range_count(a.lattice()); }
    friend constexpr std::uint64_t hash_value(const Self& a) {
        return detail::hash_of(a.lattice());
    }
    template <class Visit>
    friend constexpr void decompose(const Self& a, Visit&& visit) {
        decompose(a.lattice(), [&](const Representation& part) { visit(wrap(part)); });
    }
    template <class Visit>
    friend constexpr void decompose_by_ranges(const Self& a, Visit&& visit) {
        decompose_by_ranges(a.lattice(), [&](const Representation& part) { visit(wrap(part)); });
    }
};

}  // namespace crdt
