// SPDX-License-Identifier: MIT
//! The JSON forms of the lattices, of their digests, and of every type composed of them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include <crdt/codec/json_codec.hpp>
#include <crdt/hlc.hpp>
#include <crdt/lattice/chain_of.hpp>
#include <crdt/lattice/lex.hpp>
#include <crdt/lattice/linear_sum.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/maximals.hpp>
#include <crdt/lattice/once.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/lattice/unit.hpp>

namespace crdt::json {

/// A data type is written as the composition it is made of.
template <class T>
    requires requires { typename T::lattice_type; }
struct Codec<T> {
    static nlohmann::json encode(const T& state) {
        return Codec<typename T::lattice_type>::encode(state.lattice());
    }
    static T decode(const nlohmann::json& json, const Path& path) {
        return T::from_lattice(Codec<typename T::lattice_type>::decode(json, path));
    }
};

template <class T, class Order>
struct Codec<ChainOf<T, Order>> {
    static nlohmann::json encode(const ChainOf<T, Order>& state) {
        return Codec<T>::encode(state.value());
    }
    static ChainOf<T, Order> decode(const nlohmann::json& json, const Path& path) {
        return ChainOf<T, Order>(Codec<T>::decode(json, path));
    }
};

template <>
struct Codec<Unit> {
    static nlohmann::json encode(const Unit&) { return nullptr; }
    static Unit decode(const nlohmann::json& json, const Path& path) {
        if (!json.is_null()) refuse("not null", path);
        return {};
    }
};

template <class T>
struct Codec<Once<T>> {
    static nlohmann::json encode(const Once<T>& state) {
        return state.has_value() ? Codec<T>::encode(state.value()) : nlohmann::json(nullptr);
    }
    static Once<T> decode(const nlohmann::json& json, const Path& path) {
        return json.is_null() ? Once<T>() : Once<T>(Codec<T>::decode(json, path));
    }
};

template <class... L>
struct Codec<Product<L...>> {
    static nlohmann::json encode(const Product<L...>& state) {
        return encode_components<L...>(state, std::index_sequence_for<L...>{});
    }
    static Product<L...> decode(const nlohmann::json& json, const Path& path) {
        return std::apply([](L... component) { return Product<L...>(std::move(component)...); },
                          Codec<std::tuple<L...>>::decode(json, path));
    }
};

template <class First, class Second>
struct Codec<Lex<First, Second>> {
    static nlohmann::json encode(const Lex<First, Second>& state) {
        return {Codec<First>::encode(state.first()), Codec<Second>::encode(state.second())};
    }
    static Lex<First, Second> decode(const nlohmann::json& json, const Path& path) {
        auto [first, second] = Codec<std::tuple<First, Second>>::decode(json, path);
        return {std::move(first), std::move(second)};
    }
};

namespace detail {

/// Is an object's only member "upper", or is it "lower"?
inline bool is_upper(const nlohmann::json& json, const Path& path) {
    if (!json.is_object() || json.size() != 1 ||
        !(json.contains("upper") || json.contains("lower")))
        refuse("not an object with either lower or upper", path);
    return json.contains("upper");
}

}  // namespace detail

template <class Lower, class Upper>
struct Codec<LinearSum<Lower, Upper>> {
    using Sum = LinearSum<Lower, Upper>;

    static nlohmann::json encode(const Sum& state) {
        if (state.is_upper()) return {{"upper", Codec<Upper>::encode(state.upper())}};
        return {{"lower", Codec<Lower>::encode(state.lower())}};
    }
    static Sum decode(const nlohmann::json& json, const Path& path) {
        const std::string_view side = detail::is_upper(json, path) ? "upper" : "lower";
        const nlohmann::json& state = *json.begin();
        if (side == "upper") return Sum::from_upper(Codec<Upper>::decode(state, Path(path, side)));
        return Sum::from_lower(Codec<Lower>::decode(state, Path(path, side)));
    }
};

template <class Lower, class Upper>
struct Codec<LinearSumDigest<Lower, Upper>> {
    using Digest = LinearSumDigest<Lower, Upper>;

    static nlohmann::json encode(const Digest& digest) {
        if (digest.is_upper) return {{"upper", Codec<Upper>::encode(digest.upper)}};
        return {{"lower", Codec<Lower>::encode(digest.lower)}};
    }
    static Digest decode(const nlohmann::json& json, const Path& path) {
        Digest digest;
        digest.is_upper = detail::is_upper(json, path);
        const std::string_view side = digest.is_upper ? "upper" : "lower";
        if (digest.is_upper)
            digest.upper = Codec<Upper>::decode(*json.begin(), Path(path, side));
        else
            digest.lower = Codec<Lower>::decode(*json.begin(), Path(path, side));
        return digest;
    }
};

template <class P>
struct Codec<Maximals<P>> {
    static nlohmann::json encode(const Maximals<P>& state) {
        nlohmann::json array = nlohmann::json::array();
        for (const P& element : state) array.push_back(Codec<P>::encode(element));
        return array;
    }
    static Maximals<P> decode(const nlohmann::json& json, const Path& path) {
        Maximals<P> state;
        Ascending<P> order;
        for_each_element(json, path, [&](const nlohmann::json& element, const Path& here) {
            P value = Codec<P>::decode(element, here);
            order.expect_next(value, here);
            const std::size_t before = state.size();
            state.insert(std::move(value));
            if (state.size() != before + 1) refuse("not a maximal element", here);
        });
        return state;
    }
};

template <class K, class L>
struct Codec<MapOf<K, L>> {
    using Map = MapOf<K, L>;

    static nlohmann::json encode(const Map& state) { return Mapping<K, L>::encode(state); }
    static Map decode(const nlohmann::json& json, const Path& path) {
        Map result;
        Mapping<K, L>::decode(json, path, [&](K key, L state, const Path& here) {
            if (state.is_bottom()) refuse("an entry that says nothing", here);
            result.merge(Map{{std::move(key), std::move(state)}});
        });
        return result;
    }
};

/// A set of keys, in ascending order.
template <class K>
struct Codec<MapOf<K, Max<bool>>> {
    using Map = MapOf<K, Max<bool>>;

    static nlohmann::json encode(const Map& state) {
        nlohmann::json array = nlohmann::json::array();
        for (const auto& [key, there] : state) array.push_back(Codec<K>::encode(key));
        return array;
    }
    static Map decode(const nlohmann::json& json, const Path& path) {
        Map result;
        Ascending<K> order;
        for_each_element(json, path, [&](const nlohmann::json& element, const Path& here) {
            K key = Codec<K>::decode(element, here);
            order.expect_next(key, here);
            result.merge(Map{{std::move(key), Max<bool>(true)}});
        });
        return result;
    }
};

template <>
struct Codec<HybridTime> {
    using Parts = std::tuple<std::uint64_t, std::uint32_t>;

    static nlohmann::json encode(const HybridTime& time) {
        return Codec<Parts>::encode({time.wall, time.logical});
    }
    static HybridTime decode(const nlohmann::json& json, const Path& path) {
        const auto [wall, logical] = Codec<Parts>::decode(json, path);
        return {wall, logical};
    }
};

template <class Id>
struct Codec<Stamp<Id>> {
    using Parts = std::tuple<std::uint64_t, std::uint32_t, Id>;

    static nlohmann::json encode(const Stamp<Id>& stamp) {
        return Codec<Parts>::encode({stamp.time.wall, stamp.time.logical, stamp.replica});
    }
    static Stamp<Id> decode(const nlohmann::json& json, const Path& path) {
        auto [wall, logical, replica] = Codec<Parts>::decode(json, path);
        return {{wall, logical}, std::move(replica)};
    }
};

}  // namespace crdt::json
