// SPDX-License-Identifier: MIT
//! The serializers of causal states: dot stores, and states and digests with a context.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>

#include <crdt/causal/causal.hpp>
#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_tuple.hpp>
#include <crdt/codec/forms/dot_rows.hpp>
#include <crdt/codec/forms/dot_set.hpp>
#include <crdt/codec/forms/lattice.hpp>
#include <crdt/codec/forms/replica.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/sequence/origin.hpp>

namespace crdt {

/// Any map from dots to values is written in ascending order: [["a", 3, value], ...].
template <Serializable Id, Serializable V>
struct Serializer<ColumnMap<Dot<Id>, V>> {
    using Map = ColumnMap<Dot<Id>, V>;

    static void write(auto& out, const auto& entries) {
        out.begin_seq(entries.size());
        for (const auto& [dot, value] : entries) {
            auto&& item = out.element();
            item.begin_tuple(3);
            serialize_replica(item.element(), dot.replica);
            serialize(item.element(), dot.sequence);
            serialize(item.element(), value);
        }
    }
    static Map read(auto& in) { return read_map<Map>(in); }
    /// Reads a map of the class AnyMap, which has push_back().
    template <class AnyMap>
    static AnyMap read_map(auto& in) {
        AnyMap map;
        detail::AscendingKeys<Dot<Id>> order;
        for_each_element(in, [&](auto& item) {
            item.begin_tuple(3);
            Dot<Id> dot{deserialize_name<Id>(item.element(0)), item.element(1).u64()};
            V value = deserialize<V>(item.element(2));
            if (dot.sequence == 0) item.fail("dots count from 1");
            order.expect_next(item, dot);
            if (item.ok()) map.push_back(std::move(dot), std::move(value));
        });
        return map;
    }
};

template <Serializable L, Serializable Id>
struct Serializer<DotFun<L, Id>> {
    static constexpr std::string_view type_name = "dot_fun";

    using Entries = Serializer<ColumnMap<Dot<Id>, L>>;

    static void write(auto& out, const DotFun<L, Id>& store) { Entries::write(out, store); }
    static DotFun<L, Id> read(auto& in) {
        auto entries = Entries::template read_map<typename DotFun<L, Id>::Entries>(in);
        if constexpr (requires(const L& state) { state.has_value(); }) {
            for (const auto& [dot, state] : entries) {
                if (!state.has_value()) in.fail("write without a value");
            }
        }
        return DotFun<L, Id>(std::move(entries));
    }
};

template <Serializable K, Serializable S>
struct Serializer<DotMap<K, S>> {
    static constexpr std::string_view type_name = "dot_map";

    static void write(auto& out, const DotMap<K, S>& store) { serialize_mapping<K, S>(out, store); }
    template <class Reader>
    static DotMap<K, S> read(Reader& in) {
        Entries entries = read_entries(in);
        if (!in.ok()) return {};
        auto map = DotMap<K, S>::checked(std::move(entries));
        if (!map) in.fail("dot in two places");
        return map ? std::move(*map) : DotMap<K, S>();
    }

  private:
    using Entries = typename DotMap<K, S>::Entries;

    template <class Reader>
    static Entries read_entries(Reader& in) {
        if constexpr (detail::has_dot_rows<Reader, K, S>)
            return detail::DotRowReader<K, typename S::id_type>().read(in);
        Entries entries;
        deserialize_mapping<K, S>(in, [&](auto& item, K key, S store) {
            if (store.is_bottom()) return item.fail("bottom value in map");
            entries.push_back(std::move(key), std::move(store));
        });
        return entries;
    }
};

/// The components are written as a tuple or, if they have names, as the members of a struct.
template <class Names, Serializable... S>
struct Serializer<NamedDotTuple<Names, S...>> {
    static constexpr std::string_view type_name = "dot_product";

    using Store = NamedDotTuple<Names, S...>;

    static void write(auto& out, const Store& store) {
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            if constexpr (has_names) {
                out.begin_struct();
                (serialize(out.member(Names::list[Index]), store.template get<Index>()), ...);
            } else {
                serialize_tuple(out, store.template get<Index>()...);
            }
        }
        (std::index_sequence_for<S...>{});
    }
    static Store read(auto& in) {
        auto stores = read_stores(in, std::index_sequence_for<S...>{});
        DotSet<typename Store::id_type> seen;
        const auto expect_new = [&](const auto& store) {
            if (!store.dots_in(seen).is_bottom()) in.fail("dot in two places");
            seen.merge(store.dots());
        };
        std::apply([&](const auto&... store) { (expect_new(store), ...); }, stores);
        return std::make_from_tuple<Store>(std::move(stores));
    }

  private:
    static constexpr bool has_names = !std::same_as<Names, NoNames>;

    template <std::size_t... Index>
    static std::tuple<S...> read_stores(auto& in, std::index_sequence<Index...>) {
        if constexpr (has_names) {
            in.begin_struct({Names::list[Index]...});
            return std::tuple<S...>{deserialize<S>(in.member(Names::list[Index]))...};
        } else {
            return deserialize_tuple<S...>(in);
        }
    }
};

/// The type name of a tuple. This name does not contain the names of the components. The name of
/// the record contains them.
template <class Names, DotStore... S>
struct TypeName<NamedDotTuple<Names, S...>> {
    /// True if there is a name.
    static constexpr bool is_named = (TypeName<S>::is_named && ...);
    /// The name.
    static std::string make() { return detail::applied<S...>("dot_product"); }
};

/// An origin is written as the replica and the number of the parent, and a boolean that is true for
/// the right side of the parent.
template <Serializable Id>
struct Serializer<Origin<Id>> {
    static constexpr std::string_view type_name = "origin";

    static void write(auto& out, const Origin<Id>& origin) {
        out.begin_tuple(3);
        serialize_replica(out.element(), origin.parent.replica);
        serialize(out.element(), origin.parent.sequence);
        serialize(out.element(), origin.side == Side::right);
    }
    static Origin<Id> read(auto& in) {
        in.begin_tuple(3);
        Dot<Id> parent{deserialize_name<Id>(in.element(0)), in.element(1).u64()};
        const Side side = in.element(2).boolean() ? Side::right : Side::left;
        const bool is_start = parent.sequence == 0;
        if (is_start && !(parent.replica == Id() && side == Side::right))
            in.fail("start of the list with a replica or a left side");
        return {std::move(parent), side};
    }
};

template <Serializable S>
struct Serializer<Causal<S>> {
    static constexpr std::string_view type_name = "causal";

    static void write(auto& out, const Causal<S>& state) {
        out.begin_struct();
        serialize(out.member("store"), state.store());
        serialize(out.member("context"), state.context());
    }
    static Causal<S> read(auto& in) {
        in.begin_struct({"store", "context"});
        auto store = deserialize<S>(in.member("store"));
        auto context = deserialize<CausalContext<typename S::id_type>>(in.member("context"));
        if (!store.dots().leq(context)) in.fail("dot in the store that the context lacks");
        return Causal<S>(std::move(store), std::move(context));
    }
};

template <Serializable Dots, Serializable Id>
struct Serializer<CausalDigest<Dots, Id>> {
    using Digest = CausalDigest<Dots, Id>;

    static void write(auto& out, const Digest& digest) {
        out.begin_struct();
        serialize(out.member("live"), digest.dots);
        serialize(out.member("context"), digest.context);
    }
    static Digest read(auto& in) {
        in.begin_struct({"live", "context"});
        auto dots = deserialize<Dots>(in.member("live"));
        return {std::move(dots), deserialize<CausalContext<Id>>(in.member("context"))};
    }
};

}  // namespace crdt
