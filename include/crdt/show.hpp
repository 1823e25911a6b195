// SPDX-License-Identifier: MIT
//! show: any state as text, for messages and debugging; not a wire format.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/causal/causal.hpp>
#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/causal/dot_product.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/hlc.hpp>
#include <crdt/lattice/chain_of.hpp>
#include <crdt/lattice/lex.hpp>
#include <crdt/lattice/linear_sum.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/maximals.hpp>
#include <crdt/lattice/once.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/lattice/unit.hpp>

namespace crdt {

std::string show(std::integral auto number) { return std::to_string(number); }
inline std::string show(bool truth) { return truth ? "true" : "false"; }
inline std::string show(std::string_view text) { return '"' + std::string(text) + '"'; }

template <class T, class Order>
std::string show(const ChainOf<T, Order>& state);
template <class T>
std::string show(const Once<T>& state);
inline std::string show(const Unit&) { return "()"; }
template <class... L>
std::string show(const Product<L...>& state);
template <class First, class Second>
std::string show(const Lex<First, Second>& state);
template <class Lower, class Upper>
std::string show(const LinearSum<Lower, Upper>& state);
template <class P>
std::string show(const Maximals<P>& state);
template <class K, class L>
std::string show(const MapOf<K, L>& state);
template <class Id>
std::string show(const Dot<Id>& dot);
template <class Id>
std::string show(const DotSet<Id>& dots);
template <class L, class Id>
std::string show(const DotFun<L, Id>& store);
template <class K, class S>
std::string show(const DotMap<K, S>& store);
template <class... S>
std::string show(const DotProduct<S...>& store);
template <class S>
std::string show(const Causal<S>& state);

inline std::string show(const HybridTime& time) {
    return std::to_string(time.wall) + "." + std::to_string(time.logical);
}
template <class Id>
std::string show(const Stamp<Id>& stamp) {
    return show(stamp.time) + "@" + show(stamp.replica);
}

/// A data type shows as the composition it is made of.
template <class T>
    requires requires(const T& state) { state.lattice(); }
std::string show(const T& state) { return show(state.lattice()); }

namespace detail {

/// Items between brackets, separated by commas.
class Listing {
    const char* close_;
    std::string text_;
    bool empty_ = true;

  public:
    Listing(const char* open, const char* close) : close_(close), text_(open) {}
    void add(const std::string& item) {
        text_ += (empty_ ? "" : ", ") + item;
        empty_ = false;
    }
    std::string text() const { return text_ + close_; }
};

template <class Entries>
std::string show_entries(const Entries& entries) {
    Listing listing("{", "}");
    for (const auto& [key, value] : entries) listing.add(show(key) + ": " + show(value));
    return listing.text();
}

template <class Components, std::size_t... Index>
std::string show_components(const Components& components, std::index_sequence<Index...>) {
    Listing listing("(", ")");
    (listing.add(show(components.template get<Index>())), ...);
    return listing.text();
}

}  // namespace detail

template <class T, class Order>
std::string show(const ChainOf<T, Order>& state) {
    return show(state.value());
}

template <class T>
std::string show(const Once<T>& state) {
    return state.has_value() ? show(state.value()) : "-";
}

template <class... L>
std::string show(const Product<L...>& state) {
    return detail::show_components(state, std::index_sequence_for<L...>{});
}

template <class First, class Second>
std::string show(const Lex<First, Second>& state) {
    return show(state.first()) + " -> " + show(state.second());
}

template <class Lower, class Upper>
std::string show(const LinearSum<Lower, Upper>& state) {
    return state.is_upper() ? "upper " + show(state.upper()) : "lower " + show(state.lower());
}

template <class P>
std::string show(const Maximals<P>& state) {
    detail::Listing listing("{", "}");
    for (const P& element : state) listing.add(show(element));
    return listing.text();
}

template <class K, class L>
std::string show(const MapOf<K, L>& state) {
    return detail::show_entries(state);
}

template <class Id>
std::string show(const Dot<Id>& dot) {
    return show(dot.replica) + "#" + std::to_string(dot.sequence);
}

template <class Id>
std::string show(const DotSet<Id>& dots) {
    detail::Listing listing("{", "}");
    dots.visit([&](const DotRange<Id>& range) {
        const std::string first = show(Dot<Id>{range.replica, range.first});
        listing.add(range.last == range.first ? first : first + ".." + std::to_string(range.last));
    });
    return listing.text();
}

template <class L, class Id>
std::string show(const DotFun<L, Id>& store) {
    return detail::show_entries(store);
}

template <class K, class S>
std::string show(const DotMap<K, S>& store) {
    return detail::show_entries(store);
}

template <class... S>
std::string show(const DotProduct<S...>& store) {
    return detail::show_components(store, std::index_sequence_for<S...>{});
}

template <class S>
std::string show(const Causal<S>& state) {
    return show(state.store()) + " of " + show(state.context());
}

}  // namespace crdt
