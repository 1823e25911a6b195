// SPDX-License-Identifier: MIT
//! show: any state as text, for messages and debugging; not a wire format.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include <crdt/lattice/chain_of.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/product.hpp>

namespace crdt {

std::string show(std::integral auto number) { return std::to_string(number); }
inline std::string show(bool truth) { return truth ? "true" : "false"; }
inline std::string show(std::string_view text) { return '"' + std::string(text) + '"'; }

template <class T, class Order>
std::string show(const ChainOf<T, Order>& state);
template <class K, class L>
std::string show(const MapOf<K, L>& state);
template <class... L>
std::string show(const Product<L...>& state);

/// A data type shows as the composition it is made of.
template <class T>
    requires requires(const T& state) { state.lattice(); }
std::string show(const T& state) { return show(state.lattice()); }

template <class T, class Order>
std::string show(const ChainOf<T, Order>& state) {
    return show(state.value());
}

template <class K, class L>
std::string show(const MapOf<K, L>& state) {
    std::string text;
    for (const auto& [key, value] : state) {
        text += (text.empty() ? "{" : ", ") + show(key) + ": " + show(value);
    }
    return text.empty() ? "{}" : text + "}";
}

template <class... L>
std::string show(const Product<L...>& state) {
    std::string text;
    const auto append = [&](const auto& component) {
        text += (text.empty() ? "(" : ", ") + show(component);
    };
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        (append(state.template get<Index>()), ...);
    }
    (std::index_sequence_for<L...>{});
    return text.empty() ? "()" : text + ")";
}

}  // namespace crdt
