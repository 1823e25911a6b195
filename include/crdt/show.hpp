// SPDX-License-Identifier: MIT
//! show: any state as text, for messages and debugging; not a wire format. What has no show() of
//! its own, such as a key of a user's type, is shown by its size and its hash.
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
#include <crdt/lattice/hash.hpp>
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

namespace detail {

/// A part of a state, such as a key: by its show(); without one, by its size and its hash.
template <class T>
std::string show_part(const T& value) {
    if constexpr (requires { show(value); }) {
        return show(value);
    } else {
        std::string text = "<" + std::to_string(sizeof(T)) + " bytes";
        if constexpr (requires { hash_of(value); })
            text += ", hash " + std::to_string(hash_of(value));
        return text + ">";
    }
}

}  // namespace detail

inline std::string show(const HybridTime& time) {
    return std::to_string(time.wall) + "." + std::to_string(time.logical);
}
template <class Id>
std::string show(const Stamp<Id>& stamp) {
    return show(stamp.time) + "@" + detail::show_part(stamp.replica);
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
    for (const auto& [key, value] : entries) {
        listing.add(show_part(key) + ": " + show_part(value));
    }
    return listing.text();
}

template <class Components, std::size_t... Index>
std::string show_components(const Components& components, std::index_sequence<Index...>) {
    Listing listing("(", ")");
    (listing.add(show_part(components.template get<Index>())), ...);
    return listing.text();
}

}  // namespace detail

template <class T, class Order>
std::string show(const ChainOf<T, Order>& state) {
    return detail::show_part(state.value());
}

template <class T>
std::string show(const Once<T>& state) {
    return state.has_value() ? detail::show_part(state.value()) : "-";
}

template <class... L>
std::string show(const Product<L...>& state) {
    return detail::show_components(state, std::index_sequence_for<L...>{});
}

template <class First, class Second>
std::string show(const Lex<First, Second>& state) {
    return detail::show_part(state.first()) + " -> " + detail::show_part(state.second());
}

template <class Lower, class Upper>
std::string show(const LinearSum<Lower, Upper>& state) {
    return state.is_upper() ? "upper " + detail::show_part(state.upper())
                            : "lower " + detail::show_part(state.lower());
}

template <class P>
std::string show(const Maximals<P>& state) {
    detail::Listing listing("{", "}");
    for (const P& element : state) listing.add(detail::show_part(element));
    return listing.text();
}

template <class K, class L>
std::string show(const MapOf<K, L>& state) {
    return detail::show_entries(state);
}

template <class Id>
std::string show(const Dot<Id>& dot) {
    return detail::show_part(dot.replica) + "#" + std::to_string(dot.sequence);
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
