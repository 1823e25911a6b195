// SPDX-License-Identifier: MIT
//! The serializers of the lattices, of their digests, and of all types composed of them. The
//! serializers of maps and times are in map.hpp and time.hpp.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <crdt/codec/forms/map.hpp>
#include <crdt/codec/forms/ordered.hpp>
#include <crdt/codec/forms/standard.hpp>
#include <crdt/codec/forms/time.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/codec/type_name.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/lattice/antichain.hpp>
#include <crdt/lattice/lex.hpp>
#include <crdt/lattice/linear_sum.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/min.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/lattice/total_order.hpp>
#include <crdt/lattice/unit.hpp>
#include <crdt/lattice/write_once.hpp>

namespace crdt {

/// A data type is written as its composition of lattices.
template <class T>
    requires Serializable<typename T::lattice_type>
struct Serializer<T> {
    static void write(auto& out, const T& state) { serialize(out, state.lattice()); }
    static T read(auto& in) {
        using Form = Serializer<typename T::lattice_type>;
        // Some lattices are read in place, because a move would take as long as the reading.
        if constexpr (requires(typename T::lattice_type & lattice) {
                          Form::read_into(in, lattice);
                      })
            return T::filled_by([&](auto& lattice) { Form::read_into(in, lattice); });
        else
            return T::from_lattice(deserialize<typename T::lattice_type>(in));
    }
};

template <Serializable T, class Order>
struct Serializer<TotalOrder<T, Order>> {
    static constexpr std::string_view type_name = "chain";

    static void write(auto& out, const TotalOrder<T, Order>& state) {
        serialize(out, state.value());
    }
    static TotalOrder<T, Order> read(auto& in) { return TotalOrder<T, Order>(deserialize<T>(in)); }
};

template <Chain T>
struct TypeName<Max<T>> {
    /// True if there is a name.
    static constexpr bool is_named = TypeName<T>::is_named;
    /// The name.
    static std::string make() { return detail::applied<T>("max"); }
};

template <BoundedChain T>
struct TypeName<Min<T>> {
    /// True if there is a name.
    static constexpr bool is_named = TypeName<T>::is_named;
    /// The name.
    static std::string make() { return detail::applied<T>("min"); }
};

template <>
struct Serializer<Unit> {
    static constexpr std::string_view type_name = "unit";

    static void write(auto& out, const Unit&) { out.unit(); }
    static Unit read(auto& in) {
        in.unit();
        return {};
    }
};

template <class T>
inline constexpr bool detail::may_be_null<WriteOnce<T>> = true;
template <>
inline constexpr bool detail::may_be_null<Unit> = true;

template <Serializable T>
struct Serializer<WriteOnce<T>> {
    static constexpr std::string_view type_name = "once";

    static void write(auto& out, const WriteOnce<T>& state) {
        out.option(state.has_value());
        if (state.has_value()) serialize(out, state.value());
    }
    static WriteOnce<T> read(auto& in) {
        return in.option() ? WriteOnce<T>(deserialize<T>(in)) : WriteOnce<T>();
    }
};

template <Serializable... L>
struct Serializer<Product<L...>> {
    static constexpr std::string_view type_name = "product";

    static void write(auto& out, const Product<L...>& state) {
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            serialize_tuple(out, state.template get<Index>()...);
        }
        (std::index_sequence_for<L...>{});
    }
    static Product<L...> read(auto& in) {
        return std::make_from_tuple<Product<L...>>(deserialize_tuple<L...>(in));
    }
};

template <Serializable First, Serializable Second>
struct Serializer<Lex<First, Second>> {
    static constexpr std::string_view type_name = "lex";

    static void write(auto& out, const Lex<First, Second>& state) {
        serialize_tuple(out, state.first(), state.second());
    }
    static Lex<First, Second> read(auto& in) {
        return std::make_from_tuple<Lex<First, Second>>(deserialize_tuple<First, Second>(in));
    }
};

template <Serializable First, Serializable SecondDigest>
struct Serializer<LexDigest<First, SecondDigest>> {
    using Digest = LexDigest<First, SecondDigest>;

    static void write(auto& out, const Digest& digest) {
        serialize_tuple(out, digest.first, digest.second);
    }
    static Digest read(auto& in) {
        auto [first, second] = deserialize_tuple<First, SecondDigest>(in);
        return {std::move(first), std::move(second)};
    }
};

template <Serializable Lower, Serializable Upper>
struct Serializer<LinearSumDigest<Lower, Upper>> {
    using Digest = LinearSumDigest<Lower, Upper>;

    static void write(auto& out, const Digest& digest) {
        write_side(out, digest.is_upper, digest.lower, digest.upper);
    }
    static Digest read(auto& in) {
        Digest digest;
        digest.is_upper = in.begin_variant();
        if (digest.is_upper)
            digest.upper = deserialize<Upper>(in.member("upper"));
        else
            digest.lower = deserialize<Lower>(in.member("lower"));
        return digest;
    }
    /// Writes the side of a sum or of a digest, and the state or digest on this side.
    static void write_side(auto& out, bool is_upper, const Lower& lower, const Upper& upper) {
        out.begin_variant(is_upper);
        if (is_upper)
            serialize(out.member("upper"), upper);
        else
            serialize(out.member("lower"), lower);
    }
};

/// A linear sum is written like its digest, with states in place of digests.
template <Serializable Lower, Serializable Upper>
struct Serializer<LinearSum<Lower, Upper>> {
    static constexpr std::string_view type_name = "linear_sum";

    using Sum = LinearSum<Lower, Upper>;
    using Side = Serializer<LinearSumDigest<Lower, Upper>>;

    static void write(auto& out, const Sum& state) {
        Side::write_side(out, state.is_upper(), state.lower(), state.upper());
    }
    static Sum read(auto& in) {
        auto side = Side::read(in);
        return side.is_upper ? Sum::from_upper(std::move(side.upper))
                             : Sum::from_lower(std::move(side.lower));
    }
};

/// Writes the elements in ascending order. write() throws std::length_error for more than
/// max_size elements.
template <Serializable P>
struct Serializer<Antichain<P>> {
    static constexpr std::string_view type_name = "maximals";

    static void write(auto& out, const Antichain<P>& state) {
        if (state.size() > Antichain<P>::max_size)
            detail::throw_or_abort<std::length_error>(
                "Antichain: more than 1024 elements are not written");
        serialize_ascending<P>(out, state, [](const P& element) -> const P& { return element; });
    }
    static Antichain<P> read(auto& in) {
        Antichain<P> state;
        deserialize_ascending<P>(in, [&](auto& item, P element) {
            const std::size_t before = state.size();
            if (before == Antichain<P>::max_size)
                return item.fail("more than 1024 elements in an antichain");
            state.insert(std::move(element));
            if (state.size() != before + 1) item.fail("comparable elements in an antichain");
        });
        return state;
    }
};

}  // namespace crdt
