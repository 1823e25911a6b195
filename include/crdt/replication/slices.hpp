// SPDX-License-Identifier: MIT
//! Slices: visits a large state slice by slice, while the state may change.
#pragma once

#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>

#include <crdt/causal/causal.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/product.hpp>

namespace crdt::replication {

/// Visits a state slice by slice. Each call of next(state, count) returns a slice of about `count`
/// keys, or bottom if no slice is left. Each slice is a valid delta, so a peer may join it without
/// the other slices. The state may change between two calls. If something is in the state at the
/// first call, and stays until the last call, some slice has it. Later additions may be in a slice.
///
/// Maps, causal maps, products of them, and types that are composed of these have several slices.
/// For any other type, the whole state is one slice.
template <DecomposableLattice L>
class Slices {
    bool is_done_ = false;

  public:
    /// Does a large state have several slices?
    static constexpr bool is_lazy = false;
    /// Returns the number of keys of `state`, which is at most the number of its ranges. O(1).
    static std::size_t key_count(const L& state) { return state.is_bottom() ? 0 : 1; }
    /// Returns the whole state at the first call, and bottom afterwards. O(n).
    L next(const L& state, std::size_t) { return std::exchange(is_done_, true) ? L{} : state; }
};

namespace detail {

/// Visits the entries of a map in several calls. The map may change between two calls.
template <class KeyType>
class KeySlices {
    std::optional<KeyType> last_ = {};

  public:
    /// Calls visit(entry) for the next `count` entries of `map`.
    template <class Map, class Visit>
    void next(const Map& map, std::size_t count, Visit&& visit) {
        auto entry = last_ ? map.lower_bound(*last_) : map.begin();
        if (last_ && entry != map.end() && (*entry).first == *last_) ++entry;
        for (; count > 0 && entry != map.end(); --count, ++entry) {
            visit(*entry);
            if (count == 1) last_ = (*entry).first;
        }
        if (count > 0 && map.begin() != map.end()) last_ = (*--entry).first;
    }
};

}  // namespace detail

/// Visits a map key by key. O(count + log n).
template <class KeyType, class Value>
class Slices<MapOf<KeyType, Value>> {
    detail::KeySlices<KeyType> keys_;

  public:
    static constexpr bool is_lazy = true;
    static std::size_t key_count(const MapOf<KeyType, Value>& map) { return map.size(); }
    MapOf<KeyType, Value> next(const MapOf<KeyType, Value>& map, std::size_t count) {
        MapOf<KeyType, Value> part;
        keys_.next(map, count, [&](const auto& entry) { part.append(entry.first, entry.second); });
        return part;
    }
};

/// Visits a causal map key by key, and then everything that was removed from it. O(count + log n).
template <class KeyType, class Store>
class Slices<Causal<DotMap<KeyType, Store>>> {
    using Map = DotMap<KeyType, Store>;

    detail::KeySlices<KeyType> keys_;
    bool is_done_ = false;

  public:
    static constexpr bool is_lazy = true;
    static std::size_t key_count(const Causal<Map>& state) { return state.store().size(); }
    Causal<Map> next(const Causal<Map>& state, std::size_t count) {
        ColumnMap<KeyType, Store> part;
        keys_.next(state.store(), count,
                   [&](const auto& entry) { part.push_back(entry.first, entry.second); });
        if (!part.empty()) return Causal<Map>(Map(std::move(part)), {});
        if (std::exchange(is_done_, true)) return {};
        return Causal<Map>({}, difference(state.context(), state.store().dots()));
    }
};

/// Visits the components one after the other.
template <class... Ls>
class Slices<Product<Ls...>> {
    std::tuple<Slices<Ls>...> slices_;

  public:
    static constexpr bool is_lazy = (Slices<Ls>::is_lazy || ...);
    static std::size_t key_count(const Product<Ls...>& state) {
        return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            return (Slices<Ls>::key_count(state.template get<Index>()) + ...);
        }
        (std::index_sequence_for<Ls...>{});
    }
    Product<Ls...> next(const Product<Ls...>& state, std::size_t count) {
        std::tuple<Ls...> parts;
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            (next<Index>(state, count, std::get<Index>(parts)) || ...);
        }
        (std::index_sequence_for<Ls...>{});
        return std::apply([](auto&... part) { return Product<Ls...>(std::move(part)...); }, parts);
    }

  private:
    template <std::size_t Index>
    bool next(const Product<Ls...>& state, std::size_t count, auto& part) {
        part = std::get<Index>(slices_).next(state.template get<Index>(), count);
        return !part.is_bottom();
    }
};

/// Visits a composed type as the lattice of which it is composed.
template <DecomposableLattice L>
    requires requires { typename L::lattice_type; }
class Slices<L> {
    Slices<typename L::lattice_type> slices_;

  public:
    static constexpr bool is_lazy = Slices<typename L::lattice_type>::is_lazy;
    static std::size_t key_count(const L& state) {
        return Slices<typename L::lattice_type>::key_count(state.lattice());
    }
    L next(const L& state, std::size_t count) {
        return L::from_lattice(slices_.next(state.lattice(), count));
    }
};

}  // namespace crdt::replication
