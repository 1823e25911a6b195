// SPDX-License-Identifier: MIT
//! Product: several lattices side by side.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

#include <crdt/lattice/bulk.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>

namespace crdt {

/// The product of lattices.
///
/// State   one state of each lattice
/// Order   component by component;  join: component by component;  bottom: all bottoms
/// Cost    the sum of the components' costs
template <DecomposableLattice... Components>
class Product {
    std::tuple<Components...> components_;

    template <class Function>
    static constexpr void for_each_index(Function&& function) {
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            (function(std::integral_constant<std::size_t, Index>{}), ...);
        }
        (std::index_sequence_for<Components...>{});
    }

    static constexpr bool has_small_digest =
        !(std::same_as<DigestOf<Components>, Components> && ...);

    template <class Theirs>
    static constexpr Product difference_of(const Product& a, const Theirs& theirs) {
        Product result;
        for_each_index([&](auto index) {
            std::get<index>(result.components_) =
                difference(a.template get<index>(), std::get<index>(theirs));
        });
        return result;
    }

    template <class By>
    constexpr std::size_t count() const {
        std::size_t total = 0;
        for_each_index(
            [&](auto index) { total = detail::saturating_add(total, By::count(get<index>())); });
        return total;
    }
    template <class By, class Visit>
    constexpr void visit_parts(Visit& visit) const {
        for_each_index([&](auto index) {
            By::decompose_each(get<index>(), [&](const auto& part) {
                Product single;
                std::get<index>(single.components_) = part;
                visit(std::as_const(single));
            });
        });
    }

  public:
    /// The type that digest() returns: the product itself, unless a component has a smaller digest.
    using Digest =
        std::conditional_t<has_small_digest, std::tuple<DigestOf<Components>...>, Product>;
    /// The number of components.
    static constexpr std::size_t size = sizeof...(Components);

    /// Makes the product of all bottoms.
    Product() = default;
    /// Makes the product of these components.
    constexpr explicit Product(Components... components) requires(size > 0)
        : components_(std::move(components)...) {}

    /// A copy.
    constexpr Product(const Product&) = default;
    /// Moves the state. The other object can then only be assigned to or destroyed.
    constexpr Product(Product&&) = default;
    /// Copies `other`. If an allocation fails, throws and changes nothing.
    constexpr Product& operator=(const Product& other) { return *this = Product(other); }
    /// Moves; see the move constructor.
    constexpr Product& operator=(Product&&) = default;

    /// Returns component `Index`.
    template <std::size_t Index>
    constexpr const auto& get() const {
        return std::get<Index>(components_);
    }

    /// Changes component `Index` with the delta-mutator `mutate`. Returns the delta of the product.
    /// Throws what `mutate` throws; the state is then unchanged.
    template <std::size_t Index, class Mutate>
    constexpr Product apply(Mutate&& mutate) {
        Product delta;
        std::get<Index>(delta.components_) = mutate(std::get<Index>(components_));
        return delta;
    }

    /// this := this ⊔ other, component by component. Returns true iff this grew.
    constexpr bool merge(const Product& other) {
        bool grew = false;
        for_each_index([&](auto index) {
            grew |= std::get<index>(components_).merge(other.template get<index>());
        });
        return grew;
    }
    /// Merges `other`. Returns what was new to this state: difference(other, this state before).
    constexpr Product absorb(const Product& other) {
        Product delta;
        for_each_index([&](auto index) {
            std::get<index>(delta.components_) =
                std::get<index>(components_).absorb(other.template get<index>());
        });
        return delta;
    }
    /// Is each component below the same component of `other`?
    constexpr bool leq(const Product& other) const {
        bool result = true;
        for_each_index(
            [&](auto index) { result = result && get<index>().leq(other.template get<index>()); });
        return result;
    }
    /// Is each component bottom?
    constexpr bool is_bottom() const {
        bool result = true;
        for_each_index([&](auto index) { result = result && get<index>().is_bottom(); });
        return result;
    }

    /// Are all components equal?
    friend bool operator==(const Product&, const Product&) = default;
    /// Are any two components with the same index in conflict?
    friend constexpr bool conflicts(const Product& a,
                                    const Product& b) requires(detail::CanConflict<Components> ||
                                                               ...) {
        bool found = false;
        for_each_index([&](auto index) {
            found = found || detail::in_conflict(a.template get<index>(), b.template get<index>());
        });
        return found;
    }
    /// Returns Δ(a, b), component by component.
    friend constexpr Product difference(const Product& a, const Product& b) {
        return difference_of(a, b.components_);
    }
    /// Returns Δ(a, b), computed from the digest of `b`.
    friend constexpr Product difference(const Product& a,
                                        const Digest& b) requires(has_small_digest) {
        return difference_of(a, b);
    }
    /// Returns the digests of the components.
    friend constexpr Digest digest(const Product& a) {
        if constexpr (has_small_digest) {
            return std::apply([](const auto&... component) { return Digest(digest(component)...); },
                              a.components_);
        } else {
            return a;
        }
    }
    /// Returns the number of parts of all components, at most the greatest std::size_t.
    friend constexpr std::size_t part_count(const Product& a) {
        return a.template count<detail::ByParts>();
    }
    /// Returns how often decompose_by_ranges() calls visit.
    friend constexpr std::size_t range_count(const Product& a) {
        return a.template count<detail::ByRanges>();
    }
    /// Returns a stable hash: equal states have the same hash on every platform.
    friend constexpr std::uint64_t hash_value(const Product& a) {
        std::uint64_t hash = size;
        for_each_index([&](auto index) {
            hash = hash_combine(hash, detail::hash_of(a.template get<index>()));
        });
        return hash;
    }
    /// For each part of each component, calls visit(product) with a product that contains only this
    /// part.
    template <class Visit>
    friend constexpr void decompose(const Product& a, Visit&& visit) {
        a.template visit_parts<detail::ByParts>(visit);
    }
    /// Like decompose(), but calls visit only once for each range of parts that the state stores as
    /// one unit.
    template <class Visit>
    friend constexpr void decompose_by_ranges(const Product& a, Visit&& visit) {
        a.template visit_parts<detail::ByRanges>(visit);
    }
};

template <detail::Packed First, detail::Packed... Others>
    requires(std::same_as<typename detail::packed_traits<First>::type,
                          typename detail::packed_traits<Others>::type>&&...)
struct detail::packed_traits<Product<First, Others...>> {
    using type = typename packed_traits<First>::type;
    static constexpr std::size_t count =
        (packed_traits<First>::count + ... + packed_traits<Others>::count);
};

}  // namespace crdt
