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
/// State   one state of each;  order and join: component by component;  bottom: all bottoms
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
    static constexpr Product lacking(const Product& a, const Theirs& theirs) {
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
    /// The product itself, unless the digests of components are smaller than those.
    using Digest =
        std::conditional_t<has_small_digest, std::tuple<DigestOf<Components>...>, Product>;
    static constexpr std::size_t size = sizeof...(Components);

    Product() = default;
    /// These, side by side.
    constexpr explicit Product(Components... components) requires(size > 0)
        : components_(std::move(components)...) {}

    /// A copy.
    constexpr Product(const Product&) = default;
    /// The same state; the other may then be assigned to or end, and no more.
    constexpr Product(Product&&) = default;
    /// All of it or, if there is no memory, nothing.
    constexpr Product& operator=(const Product& other) { return *this = Product(other); }
    /// The same.
    constexpr Product& operator=(Product&&) = default;

    template <std::size_t Index>
    constexpr const auto& get() const {
        return std::get<Index>(components_);
    }

    /// Runs a delta-mutator of component `Index`. Returns the delta of the product. Throws what
    /// `mutate` throws, and is then unchanged.
    template <std::size_t Index, class Mutate>
    constexpr Product apply(Mutate&& mutate) {
        Product delta;
        std::get<Index>(delta.components_) = mutate(std::get<Index>(components_));
        return delta;
    }

    constexpr bool merge(const Product& other) {
        bool grew = false;
        for_each_index([&](auto index) {
            grew |= std::get<index>(components_).merge(other.template get<index>());
        });
        return grew;
    }
    constexpr Product absorb(const Product& other) {
        Product delta;
        for_each_index([&](auto index) {
            std::get<index>(delta.components_) =
                std::get<index>(components_).absorb(other.template get<index>());
        });
        return delta;
    }
    constexpr bool leq(const Product& other) const {
        bool result = true;
        for_each_index(
            [&](auto index) { result = result && get<index>().leq(other.template get<index>()); });
        return result;
    }
    constexpr bool is_bottom() const {
        bool result = true;
        for_each_index([&](auto index) { result = result && get<index>().is_bottom(); });
        return result;
    }

    friend bool operator==(const Product&, const Product&) = default;
    friend constexpr bool conflicts(const Product& a,
                                    const Product& b) requires(detail::CanConflict<Components> ||
                                                               ...) {
        bool found = false;
        for_each_index([&](auto index) {
            found = found || detail::in_conflict(a.template get<index>(), b.template get<index>());
        });
        return found;
    }
    friend constexpr Product difference(const Product& a, const Product& b) {
        return lacking(a, b.components_);
    }
    friend constexpr Product difference(const Product& a,
                                        const Digest& b) requires(has_small_digest) {
        return lacking(a, b);
    }
    friend constexpr Digest digest(const Product& a) {
        if constexpr (has_small_digest) {
            return std::apply([](const auto&... component) { return Digest(digest(component)...); },
                              a.components_);
        } else {
            return a;
        }
    }
    friend constexpr std::size_t part_count(const Product& a) {
        return a.template count<detail::ByParts>();
    }
    friend constexpr std::size_t range_count(const Product& a) {
        return a.template count<detail::ByRanges>();
    }
    friend constexpr std::uint64_t hash_value(const Product& a) {
        std::uint64_t hash = size;
        for_each_index([&](auto index) {
            hash = hash_combine(hash, detail::hash_of(a.template get<index>()));
        });
        return hash;
    }
    template <class Visit>
    friend constexpr void decompose(const Product& a, Visit&& visit) {
        a.template visit_parts<detail::ByParts>(visit);
    }
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
