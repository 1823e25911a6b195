// SPDX-License-Identifier: MIT
//! DotTuple, NamedDotTuple: several dot stores side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_store.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>

namespace crdt {

/// Selects a component of a DotTuple by its number, such as Part<1>{}.
template <std::size_t Index>
using Part = std::integral_constant<std::size_t, Index>;

/// The argument `Names` of a NamedDotTuple that has no names.
struct NoNames {};

/// A dot store that consists of several stores. They share one context. A dot is in at most one of
/// the stores. `Names` is NoNames, or has a static array `list` with the names of the components
/// for codecs and printing.
///
/// Order   the order of Causal, component by component
/// Cost    the sum of the components' costs; the digest is a tuple of the components' digests
template <class Names, DotStore First, DotStore... Others>
    requires(std::same_as<typename First::id_type, typename Others::id_type>&&...)
class NamedDotTuple {
    using Id = typename First::id_type;
    using Stores = std::tuple<First, Others...>;

    Stores stores_;

    template <class Function>
    static void for_each_part(Function&& function) {
        [&]<std::size_t... Index>(std::index_sequence<Index...>) { (function(Part<Index>{}), ...); }
        (std::index_sequence_for<First, Others...>{});
    }

  public:
    /// The number of components.
    static constexpr std::size_t size = 1 + sizeof...(Others);
    /// The type of replica ids.
    using id_type = Id;
    /// The digests of the components.
    using Digest = std::tuple<typename First::Digest, typename Others::Digest...>;

    /// Makes a tuple of empty components.
    NamedDotTuple() = default;
    /// Makes the tuple of these stores.
    explicit NamedDotTuple(First first, Others... others)
        : stores_(std::move(first), std::move(others)...) {}
    /// Makes the tuple in which component `Index` is `store`, and all other components are empty.
    template <std::size_t Index>
    NamedDotTuple(Part<Index> part, std::tuple_element_t<Index, Stores> store) {
        part_at(part) = std::move(store);
    }

    /// Returns the store of component `Index`. O(1).
    template <std::size_t Index>
    const auto& get() const {
        return std::get<Index>(stores_);
    }

    /// Is there no dot in the store?
    bool is_bottom() const {
        return std::apply([](const auto&... store) { return (store.is_bottom() && ...); }, stores_);
    }
    /// Returns the dots in the store.
    DotSet<Id> dots() const {
        DotSet<Id> dots;
        for_each_part([&](auto part) { dots.merge(std::get<part>(stores_).dots()); });
        return dots;
    }
    /// Returns the dots of the store that are in `dots`.
    DotSet<Id> dots_in(const DotSet<Id>& dots) const {
        DotSet<Id> found;
        for_each_part([&](auto part) { found.merge(std::get<part>(stores_).dots_in(dots)); });
        return found;
    }
    /// Removes `dots`, with the content at them, from the store.
    void remove(const DotSet<Id>& dots) {
        for_each_part([&](auto part) { std::get<part>(stores_).remove(dots); });
    }
    /// Adds the content of `other`. Precondition: all dots of `other` are new to this store.
    void merge_disjoint(const NamedDotTuple& other) {
        for_each_part([&](auto part) {
            std::get<part>(stores_).merge_disjoint(std::get<part>(other.stores_));
        });
    }
    /// Joins the content of `other`, except at removed dots: dots that are in `seen` and not in
    /// this store. Returns the content that was new.
    NamedDotTuple absorb(const NamedDotTuple& other, const DotSet<Id>& seen) {
        NamedDotTuple delta;
        for_each_part([&](auto part) {
            std::get<part>(delta.stores_) =
                std::get<part>(stores_).absorb(std::get<part>(other.stores_), seen);
        });
        return delta;
    }
    /// Does the same as absorb(), without the delta. Returns true iff content grew at dots that
    /// both stores have.
    bool join(const NamedDotTuple& other, const DotSet<Id>& seen) {
        bool grew = false;
        for_each_part([&](auto part) {
            grew |=
                detail::join_store(std::get<part>(stores_), std::get<part>(other.stores_), seen);
        });
        return grew;
    }
    /// Returns the content of this store that another state lacks. The other state has the store
    /// `theirs` and the context `seen`.
    NamedDotTuple missing_at(const NamedDotTuple& theirs, const DotSet<Id>& seen) const {
        return missing_at(theirs.stores_, seen);
    }
    /// Does the same. `theirs` is a tuple of the stores, or a tuple of the digests of the stores.
    template <class... Theirs>
    NamedDotTuple missing_at(const std::tuple<Theirs...>& theirs, const DotSet<Id>& seen) const {
        NamedDotTuple result;
        for_each_part([&](auto part) {
            std::get<part>(result.stores_) =
                std::get<part>(stores_).missing_at(std::get<part>(theirs), seen);
        });
        return result;
    }
    /// Is this ⊑ `other` at each dot that both stores have?
    bool leq_on_common(const NamedDotTuple& other) const {
        bool result = true;
        for_each_part([&](auto part) {
            result = result && std::get<part>(stores_).leq_on_common(std::get<part>(other.stores_));
        });
        return result;
    }
    /// Adds to `digest` what missing_at() needs of this store.
    void add_digest_to(Digest& digest) const {
        for_each_part(
            [&](auto part) { std::get<part>(stores_).add_digest_to(std::get<part>(digest)); });
    }
    /// Returns how often visit_parts_of() calls visit, limited to the greatest std::size_t.
    template <class By>
    std::size_t count_parts_of() const {
        std::size_t total = 0;
        for_each_part([&](auto part) {
            total = detail::saturating_add(total,
                                           std::get<part>(stores_).template count_parts_of<By>());
        });
        return total;
    }
    /// Calls visit(part) for each join-irreducible part or, if By is ByRanges, for each range.
    template <class By, class Visit>
    void visit_parts_of(Visit&& visit) const {
        for_each_part([&](auto index) {
            std::get<index>(stores_).template visit_parts_of<By>(
                [&](const auto& part) { visit(NamedDotTuple(index, part)); });
        });
    }

    /// Do both stores have the same content at the same dots?
    friend bool operator==(const NamedDotTuple&, const NamedDotTuple&) = default;
    /// Is one dot in two different components, or are the two stores of a component in conflict?
    friend bool conflicts(const NamedDotTuple& a, const NamedDotTuple& b) {
        bool found = false;
        for_each_part([&](auto mine) {
            for_each_part([&](auto theirs) {
                found = found || parts_conflict(a.template get<mine>(), b.template get<theirs>(),
                                                std::bool_constant<mine == theirs>{});
            });
        });
        return found;
    }
    /// Returns a stable hash: equal stores have the same hash on every platform. O(n).
    friend std::uint64_t hash_value(const NamedDotTuple& a) {
        std::uint64_t hash = size;
        for_each_part(
            [&](auto part) { hash = hash_combine(hash, detail::hash_of(a.template get<part>())); });
        return hash;
    }

    /// Are two components in conflict? Different components are in conflict if a dot is in both.
    template <class Mine, class Theirs, bool Same>
    static bool parts_conflict(const Mine& mine, const Theirs& theirs, std::bool_constant<Same>) {
        if constexpr (Same) return detail::in_conflict(mine, theirs);
        return !mine.dots_in(theirs.dots()).is_bottom();
    }

    // The members below are for CausalChanges::apply, as in DotMapEdits.

    /// Returns an empty tuple. fill() then stores a component in it.
    template <std::size_t Index>
    static NamedDotTuple with_room_at(Part<Index>) {
        return {};
    }
    /// Replaces the store of a component.
    template <std::size_t Index>
    void fill(Part<Index>, std::tuple_element_t<Index, Stores> store) noexcept {
        std::get<Index>(stores_) = std::move(store);
    }
    /// Returns the store of a component, which the caller may change.
    template <std::size_t Index>
    auto& part_at(Part<Index>) {
        return std::get<Index>(stores_);
    }
    /// Does nothing, because an empty component stays.
    template <std::size_t Index>
    void end_edit(Part<Index>) noexcept {}
    /// Does nothing, because there is no index.
    template <std::size_t Index>
    void reindex(Part<Index>, const auto&, const DotSet<Id>&) noexcept {}
    /// Does nothing, because there is no index.
    void drop_index() noexcept {}
};

/// A NamedDotTuple without names.
template <DotStore... Stores>
using DotTuple = NamedDotTuple<NoNames, Stores...>;

}  // namespace crdt
