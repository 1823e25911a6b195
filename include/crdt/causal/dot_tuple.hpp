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

/// A component of a DotTuple, by its number: Part<1>{}.
template <std::size_t Index>
using Part = std::integral_constant<std::size_t, Index>;

/// The names of the components of a NamedDotTuple, in codecs and for printing; none.
struct NoNames {};

/// A dot store of several stores, which share one context. A dot is in one of them. `Names` has
/// a static array `list` of their names, or is NoNames.
///
/// Order   as DotStore says, component by component
/// Cost    the sum of the components' costs; the digest is that of each
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
    static constexpr std::size_t size = 1 + sizeof...(Others);
    using id_type = Id;
    using Digest = std::tuple<typename First::Digest, typename Others::Digest...>;

    NamedDotTuple() = default;
    /// These stores.
    explicit NamedDotTuple(First first, Others... others)
        : stores_(std::move(first), std::move(others)...) {}
    /// One component, and the others empty.
    template <std::size_t Index>
    NamedDotTuple(Part<Index> part, std::tuple_element_t<Index, Stores> store) {
        part_at(part) = std::move(store);
    }

    template <std::size_t Index>
    const auto& get() const {
        return std::get<Index>(stores_);
    }

    bool is_bottom() const {
        return std::apply([](const auto&... store) { return (store.is_bottom() && ...); }, stores_);
    }
    DotSet<Id> dots() const {
        DotSet<Id> dots;
        for_each_part([&](auto part) { dots.merge(std::get<part>(stores_).dots()); });
        return dots;
    }
    DotSet<Id> dots_in(const DotSet<Id>& dots) const {
        DotSet<Id> found;
        for_each_part([&](auto part) { found.merge(std::get<part>(stores_).dots_in(dots)); });
        return found;
    }
    void remove(const DotSet<Id>& dots) {
        for_each_part([&](auto part) { std::get<part>(stores_).remove(dots); });
    }
    void merge_disjoint(const NamedDotTuple& other) {
        for_each_part([&](auto part) {
            std::get<part>(stores_).merge_disjoint(std::get<part>(other.stores_));
        });
    }
    NamedDotTuple absorb(const NamedDotTuple& other, const DotSet<Id>& seen) {
        NamedDotTuple delta;
        for_each_part([&](auto part) {
            std::get<part>(delta.stores_) =
                std::get<part>(stores_).absorb(std::get<part>(other.stores_), seen);
        });
        return delta;
    }
    NamedDotTuple missing_at(const NamedDotTuple& theirs, const DotSet<Id>& seen) const {
        return missing_at(theirs.stores_, seen);
    }
    /// `theirs` holds a store, or a digest, for each component.
    template <class... Theirs>
    NamedDotTuple missing_at(const std::tuple<Theirs...>& theirs, const DotSet<Id>& seen) const {
        NamedDotTuple result;
        for_each_part([&](auto part) {
            std::get<part>(result.stores_) =
                std::get<part>(stores_).missing_at(std::get<part>(theirs), seen);
        });
        return result;
    }
    bool leq_on_common(const NamedDotTuple& other) const {
        bool result = true;
        for_each_part([&](auto part) {
            result = result && std::get<part>(stores_).leq_on_common(std::get<part>(other.stores_));
        });
        return result;
    }
    void add_digest_to(Digest& digest) const {
        for_each_part(
            [&](auto part) { std::get<part>(stores_).add_digest_to(std::get<part>(digest)); });
    }
    template <class By>
    std::size_t count_parts_of() const {
        std::size_t total = 0;
        for_each_part([&](auto part) {
            total = detail::saturating_add(total,
                                           std::get<part>(stores_).template count_parts_of<By>());
        });
        return total;
    }
    template <class By, class Visit>
    void visit_parts_of(Visit&& visit) const {
        for_each_part([&](auto index) {
            std::get<index>(stores_).template visit_parts_of<By>(
                [&](const auto& part) { visit(NamedDotTuple(index, part)); });
        });
    }

    friend bool operator==(const NamedDotTuple&, const NamedDotTuple&) = default;
    /// Does a dot live in two components, or with two contents?
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
    friend std::uint64_t hash_value(const NamedDotTuple& a) {
        std::uint64_t hash = size;
        for_each_part(
            [&](auto part) { hash = hash_combine(hash, detail::hash_of(a.template get<part>())); });
        return hash;
    }

    template <class Mine, class Theirs, bool Same>
    static bool parts_conflict(const Mine& mine, const Theirs& theirs, std::bool_constant<Same>) {
        if constexpr (Same) return detail::in_conflict(mine, theirs);
        return !mine.dots_in(theirs.dots()).is_bottom();
    }

    // For Causal::apply alone, as in DotMap.
    template <std::size_t Index>
    static Part<Index> name_of(Part<Index> part) {
        return part;
    }
    template <std::size_t Index>
    auto& part_at(Part<Index>) {
        return std::get<Index>(stores_);
    }
    template <std::size_t Index>
    void end_edit(Part<Index>) noexcept {}
    template <std::size_t Index>
    void reindex(Part<Index>, const auto&, const DotSet<Id>&) noexcept {}
    void drop_index() noexcept {}
};

/// Several stores without names.
template <DotStore... Stores>
using DotTuple = NamedDotTuple<NoNames, Stores...>;

}  // namespace crdt
