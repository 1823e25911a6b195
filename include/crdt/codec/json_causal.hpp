// SPDX-License-Identifier: MIT
//! The JSON forms of causal states: dots, dot stores, contexts, and their digests.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include <crdt/causal/causal.hpp>
#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/causal/dot_product.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/codec/json_codec.hpp>
#include <crdt/codec/json_lattice.hpp>

namespace crdt::json {

/// Ranges in ascending order, as long as can be: [["a", 1, 5], ["b", 7]].
template <class Id>
struct Codec<DotSet<Id>> {
    static nlohmann::json encode(const DotSet<Id>& dots) {
        nlohmann::json array = nlohmann::json::array();
        dots.visit([&](const DotRange<Id>& range) {
            nlohmann::json item =
                nlohmann::json::array({Codec<Id>::encode(range.replica), range.first});
            if (range.last != range.first) item.push_back(range.last);
            array.push_back(std::move(item));
        });
        return array;
    }
    static DotSet<Id> decode(const nlohmann::json& json, const Path& path) {
        DotSet<Id> dots;
        std::optional<DotRange<Id>> before;
        for_each_element(json, path, [&](const nlohmann::json& item, const Path& here) {
            DotRange<Id> range = decode_range(item, here);
            if (before && !is_beyond(range, *before)) refuse("not in ascending order", here);
            dots.cover(range);
            before = std::move(range);
        });
        return dots;
    }

  private:
    static DotRange<Id> decode_range(const nlohmann::json& item, const Path& path) {
        using Number = Codec<std::uint64_t>;
        if (!item.is_array() || item.size() < 2 || item.size() > 3) refuse("not a range", path);
        DotRange<Id> range{Codec<Id>::decode(item[0], Path(path, 0)),
                           Number::decode(item[1], Path(path, 1)), 0};
        range.last = item.size() == 2 ? range.first : Number::decode(item[2], Path(path, 2));
        if (range.first == 0) refuse("dots count from 1", path);
        if (item.size() == 3 && range.last <= range.first) refuse("a range that ends early", path);
        return range;
    }
    /// Ranges that touch would have been written as one.
    static bool is_beyond(const DotRange<Id>& range, const DotRange<Id>& before) {
        if (!(range.replica == before.replica)) return before.replica < range.replica;
        return range.first > before.last && range.first - before.last > 1;
    }
};

/// Anything that maps dots to values: [["a", 3, value], ...], in ascending order.
template <class Id, class V>
struct Codec<std::map<Dot<Id>, V>> {
    using Map = std::map<Dot<Id>, V>;
    using Item = std::tuple<Id, std::uint64_t, V>;

    template <class Entries>
    static nlohmann::json encode(const Entries& entries) {
        nlohmann::json array = nlohmann::json::array();
        for (const auto& [dot, value] : entries) {
            array.push_back(
                {Codec<Id>::encode(dot.replica), dot.sequence, Codec<V>::encode(value)});
        }
        return array;
    }
    static Map decode(const nlohmann::json& json, const Path& path) {
        Map map;
        Ascending<Dot<Id>> order;
        for_each_element(json, path, [&](const nlohmann::json& item, const Path& here) {
            auto [replica, sequence, value] = Codec<Item>::decode(item, here);
            if (sequence == 0) refuse("dots count from 1", here);
            Dot<Id> dot{std::move(replica), sequence};
            order.expect_next(dot, here);
            map.emplace_hint(map.end(), std::move(dot), std::move(value));
        });
        return map;
    }
};

template <class L, class Id>
struct Codec<DotFun<L, Id>> {
    using Map = std::map<Dot<Id>, L>;

    static nlohmann::json encode(const DotFun<L, Id>& store) { return Codec<Map>::encode(store); }
    static DotFun<L, Id> decode(const nlohmann::json& json, const Path& path) {
        Map map = Codec<Map>::decode(json, path);
        if constexpr (requires(const L& state) { state.has_value(); }) {
            for (const auto& [dot, state] : map) {
                if (!state.has_value()) refuse("a write without a value", path);
            }
        }
        return DotFun<L, Id>(std::move(map));
    }
};

template <class K, class S>
struct Codec<DotMap<K, S>> {
    static nlohmann::json encode(const DotMap<K, S>& store) { return Mapping<K, S>::encode(store); }
    static DotMap<K, S> decode(const nlohmann::json& json, const Path& path) {
        DotMap<K, S> result;
        Mapping<K, S>::decode(json, path, [&](K key, S store, const Path& here) {
            const auto dots = store.live();
            if (dots.is_bottom()) refuse("an entry that says nothing", here);
            if (!result.live_within(dots).is_bottom()) refuse("a dot in two places", here);
            result.absorb(DotMap<K, S>(key, std::move(store)), {});
        });
        return result;
    }
};

template <class... S>
struct Codec<DotProduct<S...>> {
    using Store = DotProduct<S...>;

    static nlohmann::json encode(const Store& store) {
        return encode_components<S...>(store, std::index_sequence_for<S...>{});
    }
    static Store decode(const nlohmann::json& json, const Path& path) {
        auto stores = Codec<std::tuple<S...>>::decode(json, path);
        DotSet<typename Store::id_type> seen;
        const auto expect_new = [&](const auto& store) {
            if (!store.live_within(seen).is_bottom()) refuse("a dot in two places", path);
            seen.merge(store.live());
        };
        std::apply([&](const auto&... store) { (expect_new(store), ...); }, stores);
        return std::make_from_tuple<Store>(std::move(stores));
    }
};

namespace detail {

/// The two members of an object that has no others.
template <class First, class Second>
std::pair<First, Second> decode_members(const nlohmann::json& json, std::string_view first,
                                        std::string_view second, const Path& path) {
    const auto& a = member(json, first.data(), path);
    const auto& b = member(json, second.data(), path);
    if (json.size() != 2) refuse("more than two members", path);
    return {Codec<First>::decode(a, Path(path, first)),
            Codec<Second>::decode(b, Path(path, second))};
}

}  // namespace detail

template <class S>
struct Codec<Causal<S>> {
    static nlohmann::json encode(const Causal<S>& state) {
        return {{"store", Codec<S>::encode(state.store())},
                {"context", Codec<CausalContext<typename S::id_type>>::encode(state.context())}};
    }
    static Causal<S> decode(const nlohmann::json& json, const Path& path) {
        auto [store, context] = detail::decode_members<S, CausalContext<typename S::id_type>>(
            json, "store", "context", path);
        if (!store.live().leq(context)) refuse("a live dot that the context lacks", path);
        return Causal<S>(std::move(store), std::move(context));
    }
};

template <class Live, class Id>
struct Codec<CausalDigest<Live, Id>> {
    using Digest = CausalDigest<Live, Id>;

    static nlohmann::json encode(const Digest& digest) {
        return {{"live", Codec<Live>::encode(digest.live)},
                {"context", Codec<CausalContext<Id>>::encode(digest.context)}};
    }
    static Digest decode(const nlohmann::json& json, const Path& path) {
        auto [live, context] =
            detail::decode_members<Live, CausalContext<Id>>(json, "live", "context", path);
        return {std::move(live), std::move(context)};
    }
};

}  // namespace crdt::json
