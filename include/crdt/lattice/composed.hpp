// SPDX-License-Identifier: MIT
//! Composed: the base of a data type that is a composition of lattices, and adds its own members.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>

namespace crdt {

/// Gives `Self` all functions of the lattice `Representation`. The derived type adds only its
/// mutators and its queries:
///
///     class Tally : public crdt::Composed<Tally, crdt::MapOf<std::string, crdt::Max<int>>> {
///         ...
///     };
///
/// `Self` reads the representation with lattice() and changes it with state() or mutate(). Every
/// change must be a join. The members `apply`, `update` and `advance` of the combinators make only
/// joins.
///
/// Order   that of the representation. Cost, errors and guarantees of all members are also those of
///         the representation
/// Threads as a standard container
template <class Self, DecomposableLattice Representation>
class Composed {
    Representation representation_;

    static constexpr Self wrap(Representation&& representation) {
        Self result;
        static_cast<Composed&>(result).representation_ = std::move(representation);
        return result;
    }

  protected:
    /// Returns the representation, for changes that are joins.
    constexpr Representation& state() { return representation_; }

    /// Calls mutator(representation), which changes the representation and returns the delta of the
    /// change. Returns this delta as a Self.
    template <class Mutate>
    constexpr Self mutate(Mutate&& mutator) {
        return wrap(mutator(representation_));
    }

  public:
    /// The composition that the type is made of.
    using lattice_type = Representation;

    /// Returns the representation, read-only. Codecs and printers work on it.
    constexpr const Representation& lattice() const { return representation_; }
    /// Moves the representation out of the state.
    constexpr Representation release() && { return std::move(representation_); }
    /// Makes the state with this representation. O(1).
    static constexpr Self from_lattice(Representation representation) {
        return wrap(std::move(representation));
    }
    /// Makes a new state. Calls fill(representation) to fill its representation, which is bottom.
    template <class Fill>
    static constexpr Self filled_by(Fill&& fill) {
        Self result;
        fill(static_cast<Composed&>(result).representation_);
        return result;
    }

    /// this := this ⊔ other. Returns true iff this grew. Merging a state again, or merging states
    /// in another order, makes no difference. Cost and errors are those of the representation.
    constexpr bool merge(const Self& other) { return representation_.merge(other.lattice()); }
    /// Merges `other`. Returns what was new to this state: difference(other, this state before).
    constexpr Self absorb(const Self& other) {
        return wrap(representation_.absorb(other.lattice()));
    }
    /// Does `other` contain everything that this contains (this ⊑ other)?
    constexpr bool leq(const Self& other) const { return representation_.leq(other.lattice()); }
    /// Is this the bottom, which is the state of a new object?
    constexpr bool is_bottom() const { return representation_.is_bottom(); }

    /// Are the states equal? Equal states have equal values, now and after every merge.
    friend constexpr bool operator==(const Self& a, const Self& b) {
        return a.lattice() == b.lattice();
    }
    /// Are `a` and `b` in conflict? They are if both contain the same write, but with different
    /// contents. This happens only if two replicas write under one id. See lattice/conflicts.hpp.
    friend constexpr bool conflicts(const Self& a,
                                    const Self& b) requires detail::CanConflict<Representation> {
        return conflicts(a.lattice(), b.lattice());
    }
    /// Returns the delta Δ(a, b): the least d with d ⊔ b = a ⊔ b. It contains all content of `a`
    /// that `b` lacks.
    friend constexpr Self difference(const Self& a, const Self& b) {
        return wrap(difference(a.lattice(), b.lattice()));
    }
    /// Returns Δ(a, b), computed from the digest of `b`.
    friend constexpr Self difference(const Self& a, const DigestOf<Representation>& b) requires(
        !std::same_as<DigestOf<Representation>, Self>) {
        return wrap(difference(a.lattice(), b));
    }
    /// Returns a summary of `a` with all information that difference() needs. Values that never
    /// change after they are written are left out, so the digest can be smaller than `a`.
    friend constexpr DigestOf<Representation> digest(const Self& a) { return digest(a.lattice()); }
    /// Returns the number of join-irreducible parts of `a`, at most the greatest std::size_t.
    friend constexpr std::size_t part_count(const Self& a) { return part_count(a.lattice()); }
    /// Returns how often decompose_by_ranges() calls visit. The memory of the state and the bytes
    /// to send it are about proportional to this number.
    friend constexpr std::size_t range_count(const Self& a) { return range_count(a.lattice()); }
    /// Returns a stable hash: equal states have the same hash on every platform. O(n).
    friend constexpr std::uint64_t hash_value(const Self& a) {
        return detail::hash_of(a.lattice());
    }
    /// Calls visit(part) for each join-irreducible part of `a`. Their join is `a`, and each part is
    /// a delta.
    template <class Visit>
    friend constexpr void decompose(const Self& a, Visit&& visit) {
        decompose(a.lattice(),
                  [&](const Representation& part) { visit(wrap(Representation(part))); });
    }
    /// Like decompose(), but calls visit only once for each range of parts that the state stores as
    /// one unit. O(memory of the state).
    template <class Visit>
    friend constexpr void decompose_by_ranges(const Self& a, Visit&& visit) {
        decompose_by_ranges(a.lattice(),
                            [&](const Representation& part) { visit(wrap(Representation(part))); });
    }
};

}  // namespace crdt
