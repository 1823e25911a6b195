// SPDX-License-Identifier: MIT
//! The serializers of MapOf and ColumnMap. A MapOf with states of type Max<bool> is a set.
#pragma once

#include <string_view>
#include <utility>

#include <crdt/codec/forms/ordered.hpp>
#include <crdt/codec/forms/rows.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>

namespace crdt {

template <Serializable K, Serializable L>
struct Serializer<MapOf<K, L>> {
    static constexpr std::string_view type_name = "map";

    using Map = MapOf<K, L>;

    template <class Writer>
    static void write(Writer& out, const Map& state) {
        if constexpr (detail::CountColumns<K, L> && detail::WritesGroups<Writer>)
            detail::write_rows(out, state);
        else
            serialize_mapping<K, L>(out, state);
    }
    template <class Reader>
    static Map read(Reader& in) {
        if constexpr (detail::CountColumns<K, L> && detail::ReadsGroups<Reader>)
            return detail::RowReader<K, L>().read(in);
        Map result;
        deserialize_mapping<K, L>(in, [&](auto& item, K key, L state) {
            if (state.is_bottom()) return item.fail("bottom value in map");
            result.append(std::move(key), std::move(state));
        });
        return result;
    }
};

/// A set is written as its keys in ascending order.
template <Serializable K>
struct Serializer<MapOf<K, Max<bool>>> {
    static constexpr std::string_view type_name = "map";

    using Map = MapOf<K, Max<bool>>;

    static void write(auto& out, const Map& state) {
        serialize_ascending<K>(out, state,
                               [](const auto& entry) -> const K& { return entry.first; });
    }
    static Map read(auto& in) {
        Map result;
        deserialize_ascending<K>(
            in, [&](auto&, K key) { result.append(std::move(key), Max<bool>(true)); });
        return result;
    }
};

template <Serializable K, Serializable V>
struct Serializer<ColumnMap<K, V>> {
    using Map = ColumnMap<K, V>;

    static void write(auto& out, const Map& map) { serialize_mapping<K, V>(out, map); }
    static Map read(auto& in) {
        Map map;
        deserialize_mapping<K, V>(
            in, [&](auto&, K key, V value) { map.push_back(std::move(key), std::move(value)); });
        return map;
    }
};

}  // namespace crdt
