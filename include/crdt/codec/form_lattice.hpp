// SPDX-License-Identifier: MIT
//! The forms of the lattices, of their digests, and of every type composed of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <crdt/codec/form.hpp>
#include <crdt/codec/type_name.hpp>
#include <crdt/detail/raise.hpp>
#include <crdt/hlc.hpp>
#include <crdt/lattice/chain_of.hpp>
#include <crdt/lattice/lex.hpp>
#include <crdt/lattice/linear_sum.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/maximals.hpp>
#include <crdt/lattice/min.hpp>
#include <crdt/lattice/once.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/lattice/unit.hpp>

namespace crdt {

/// A data type is written as the composition it is made of.
template <class T>
    requires HasForm<typename T::lattice_type>
struct Form<T> {
    static void write(auto& out, const T& state) { write_form(out, state.lattice()); }
    static T read(auto& in) { return T::from_lattice(read_form<typename T::lattice_type>(in)); }
};

template <HasForm T, class Order>
struct Form<ChainOf<T, Order>> {
    static constexpr std::string_view type_name = "chain";

    static void write(auto& out, const ChainOf<T, Order>& state) { write_form(out, state.value()); }
    static ChainOf<T, Order> read(auto& in) { return ChainOf<T, Order>(read_form<T>(in)); }
};

template <Chain T>
struct TypeName<Max<T>> {
    /// Has it one?
    static constexpr bool is_named = TypeName<T>::is_named;
    /// The name.
    static std::string make() { return detail::applied<T>("max"); }
};

template <BoundedChain T>
struct TypeName<Min<T>> {
    /// Has it one?
    static constexpr bool is_named = TypeName<T>::is_named;
    /// The name.
    static std::string make() { return detail::applied<T>("min"); }
};

template <>
struct Form<Unit> {
    static constexpr std::string_view type_name = "unit";

    static void write(auto& out, const Unit&) { out.nothing(); }
    static Unit read(auto& in) {
        in.nothing();
        return {};
    }
};

template <HasForm T>
struct Form<Once<T>> {
    static constexpr std::string_view type_name = "once";

    static void write(auto& out, const Once<T>& state) {
        out.presence(state.has_value());
        if (state.has_value()) write_form(out, state.value());
    }
    static Once<T> read(auto& in) { return in.presence() ? Once<T>(read_form<T>(in)) : Once<T>(); }
};

template <HasForm... L>
struct Form<Product<L...>> {
    static constexpr std::string_view type_name = "product";

    static void write(auto& out, const Product<L...>& state) {
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            write_components(out, state.template get<Index>()...);
        }
        (std::index_sequence_for<L...>{});
    }
    static Product<L...> read(auto& in) {
        return std::make_from_tuple<Product<L...>>(read_components<L...>(in));
    }
};

template <HasForm First, HasForm Second>
struct Form<Lex<First, Second>> {
    static constexpr std::string_view type_name = "lex";

    static void write(auto& out, const Lex<First, Second>& state) {
        write_components(out, state.first(), state.second());
    }
    static Lex<First, Second> read(auto& in) {
        return std::make_from_tuple<Lex<First, Second>>(read_components<First, Second>(in));
    }
};

template <HasForm First, HasForm SecondDigest>
struct Form<LexDigest<First, SecondDigest>> {
    using Digest = LexDigest<First, SecondDigest>;

    static void write(auto& out, const Digest& digest) {
        write_components(out, digest.first, digest.second);
    }
    static Digest read(auto& in) {
        auto [first, second] = read_components<First, SecondDigest>(in);
        return {std::move(first), std::move(second)};
    }
};

template <HasForm Lower, HasForm Upper>
struct Form<LinearSumDigest<Lower, Upper>> {
    using Digest = LinearSumDigest<Lower, Upper>;

    static void write(auto& out, const Digest& digest) {
        write_side(out, digest.is_upper, digest.lower, digest.upper);
    }
    static Digest read(auto& in) {
        Digest digest;
        digest.is_upper = in.begin_side();
        if (digest.is_upper)
            digest.upper = read_form<Upper>(in.member("upper"));
        else
            digest.lower = read_form<Lower>(in.member("lower"));
        return digest;
    }
    /// The one of the two that counts.
    static void write_side(auto& out, bool is_upper, const Lower& lower, const Upper& upper) {
        out.begin_side(is_upper);
        if (is_upper)
            write_form(out.member("upper"), upper);
        else
            write_form(out.member("lower"), lower);
    }
};

/// As that of a digest made of the states themselves.
template <HasForm Lower, HasForm Upper>
struct Form<LinearSum<Lower, Upper>> {
    static constexpr std::string_view type_name = "linear_sum";

    using Sum = LinearSum<Lower, Upper>;
    using Side = Form<LinearSumDigest<Lower, Upper>>;

    static void write(auto& out, const Sum& state) {
        Side::write_side(out, state.is_upper(), state.lower(), state.upper());
    }
    static Sum read(auto& in) {
        auto side = Side::read(in);
        return side.is_upper ? Sum::from_upper(std::move(side.upper))
                             : Sum::from_lower(std::move(side.lower));
    }
};

/// The elements in ascending order, at most greatest_size of them: more throw std::length_error.
template <HasForm P>
struct Form<Maximals<P>> {
    static constexpr std::string_view type_name = "maximals";

    static void write(auto& out, const Maximals<P>& state) {
        if (state.size() > Maximals<P>::greatest_size)
            detail::raise<std::length_error>("Maximals: more than 1024 elements are not written");
        write_ascending<P>(out, state, [](const P& element) -> const P& { return element; });
    }
    static Maximals<P> read(auto& in) {
        Maximals<P> state;
        read_ascending<P>(in, [&](auto& item, P element) {
            const std::size_t before = state.size();
            if (before == Maximals<P>::greatest_size)
                return item.refuse("more than 1024 maximal elements");
            state.insert(std::move(element));
            if (state.size() != before + 1) item.refuse("not a maximal element");
        });
        return state;
    }
};

template <HasForm K, HasForm L>
struct Form<MapOf<K, L>> {
    static constexpr std::string_view type_name = "map";

    using Map = MapOf<K, L>;

    static void write(auto& out, const Map& state) { write_mapping<K, L>(out, state); }
    static Map read(auto& in) {
        Map result;
        read_mapping<K, L>(in, [&](auto& item, K key, L state) {
            if (state.is_bottom()) return item.refuse("an entry that says nothing");
            result.append(std::move(key), std::move(state));
        });
        return result;
    }
};

/// A set of keys, in ascending order.
template <HasForm K>
struct Form<MapOf<K, Max<bool>>> {
    static constexpr std::string_view type_name = "map";

    using Map = MapOf<K, Max<bool>>;

    static void write(auto& out, const Map& state) {
        write_ascending<K>(out, state, [](const auto& entry) -> const K& { return entry.first; });
    }
    static Map read(auto& in) {
        Map result;
        read_ascending<K>(in,
                          [&](auto&, K key) { result.append(std::move(key), Max<bool>(true)); });
        return result;
    }
};

template <>
struct Form<HybridTime> {
    static constexpr std::string_view type_name = "time";

    static void write(auto& out, const HybridTime& time) {
        write_components(out, time.wall, time.logical);
    }
    static HybridTime read(auto& in) {
        const auto [wall, logical] = read_components<std::uint64_t, std::uint32_t>(in);
        return {wall, logical};
    }
};

template <HasForm Id>
struct Form<Stamp<Id>> {
    static constexpr std::string_view type_name = "stamp";

    static void write(auto& out, const Stamp<Id>& stamp) {
        out.begin_components(3);
        write_form(out.element(), stamp.time.wall);
        write_form(out.element(), stamp.time.logical);
        write_replica(out.element(), stamp.replica);
    }
    static Stamp<Id> read(auto& in) {
        in.begin_components(3);
        const auto wall = read_form<std::uint64_t>(in.element(0));
        const auto logical = read_form<std::uint32_t>(in.element(1));
        return {{wall, logical}, read_replica<Id>(in.element(2))};
    }
};

}  // namespace crdt
