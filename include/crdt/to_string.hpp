// SPDX-License-Identifier: MIT
//! to_string: any state as text, for messages and debugging. The text is not a wire format. If a
//! value inside a state, such as a key of a user's type, has no to_string(), the text contains the
//! size and the hash of the value.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/causal/causal.hpp>
#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_tuple.hpp>
#include <crdt/causal/view.hpp>
#include <crdt/hlc.hpp>
#include <crdt/lattice/antichain.hpp>
#include <crdt/lattice/hash.hpp>
#include <crdt/lattice/lex.hpp>
#include <crdt/lattice/linear_sum.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/lattice/total_order.hpp>
#include <crdt/lattice/unit.hpp>
#include <crdt/lattice/write_once.hpp>
#include <crdt/sequence/cursor.hpp>
#include <crdt/sequence/dot_sequence.hpp>
#include <crdt/sequence/origin.hpp>
#include <crdt/sequence/slots_to_string.hpp>

namespace crdt {

/// Returns a number in decimal digits, or "true" or "false".
template <std::integral T>
std::string to_string(T number) {
    if constexpr (std::same_as<T, bool>) return number ? "true" : "false";
    return std::to_string(number);
}
/// Returns the shortest decimal digits that are parsed as exactly this number.
std::string to_string(std::floating_point auto number) {
    char digits[64];
    return {digits, std::to_chars(digits, digits + sizeof(digits), number).ptr};
}
/// Returns the text between quotation marks.
inline std::string to_string(std::string_view text) { return '"' + std::string(text) + '"'; }

/// "()".
inline std::string to_string(const Unit&) { return "()"; }

namespace detail {

/// Returns to_string(value). `value` is a value inside a state, such as a key. If the type has no
/// to_string(), returns the size and the hash of `value`.
template <class T>
std::string part_to_string(const T& value) {
    if constexpr (requires { to_string(value); }) {
        return to_string(value);
    } else {
        std::string text = "<" + std::to_string(sizeof(T)) + " bytes";
        if constexpr (requires { hash_of(value); })
            text += ", hash " + std::to_string(hash_of(value));
        return text + ">";
    }
}

}  // namespace detail

/// Returns the wall clock and the count: "1003.7".
inline std::string to_string(const HybridTime& time) {
    return std::to_string(time.wall) + "." + std::to_string(time.logical);
}
/// Returns the time and the replica: "1003.7@\"a\"".
template <class Id>
std::string to_string(const Stamp<Id>& stamp) {
    return to_string(stamp.time) + "@" + detail::part_to_string(stamp.replica);
}

/// Returns the text of the store that `view` shows.
template <class T>
std::string to_string(const View<T>& view) {
    return detail::part_to_string(view.store());
}

/// Returns the text of the composition that the data type is made of.
template <class T>
    requires requires(const T& state) { state.lattice(); }
std::string to_string(const T& state) { return to_string(state.lattice()); }

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
std::string entries_to_string(const Entries& entries) {
    Listing listing("{", "}");
    for (const auto& [key, value] : entries) {
        listing.add(part_to_string(key) + ": " + part_to_string(value));
    }
    return listing.text();
}

template <class Components, std::size_t... Index>
std::string components_to_string(const Components& components, std::index_sequence<Index...>) {
    Listing listing("(", ")");
    (listing.add(part_to_string(components.template get<Index>())), ...);
    return listing.text();
}

}  // namespace detail

/// Returns the value.
template <class T, class Order>
std::string to_string(const TotalOrder<T, Order>& state) {
    return detail::part_to_string(state.value());
}

/// Returns the value, or "-" if no value is written.
template <class T>
std::string to_string(const WriteOnce<T>& state) {
    return state.has_value() ? detail::part_to_string(state.value()) : "-";
}

/// Returns the components: "(3, 1)".
template <class... L>
std::string to_string(const Product<L...>& state) {
    return detail::components_to_string(state, std::index_sequence_for<L...>{});
}

/// Returns the rank and the state: "3 -> 1".
template <class First, class Second>
std::string to_string(const Lex<First, Second>& state) {
    return detail::part_to_string(state.first()) + " -> " + detail::part_to_string(state.second());
}

/// Returns the side and the state: "lower 3" or "upper ()".
template <class Lower, class Upper>
std::string to_string(const LinearSum<Lower, Upper>& state) {
    return state.is_upper() ? "upper " + detail::part_to_string(state.upper())
                            : "lower " + detail::part_to_string(state.lower());
}

/// Returns the elements: "{3, 4}".
template <class P>
std::string to_string(const Antichain<P>& state) {
    detail::Listing listing("{", "}");
    for (const P& element : state) listing.add(detail::part_to_string(element));
    return listing.text();
}

/// Returns the keys and their states: "{\"a\": 3}".
template <class K, class L>
std::string to_string(const MapOf<K, L>& state) {
    return detail::entries_to_string(state);
}

/// Returns the text of the id.
template <class Id>
std::string to_string(const SharedId<Id>& id) {
    return detail::part_to_string(id.get());
}

/// Returns the replica and the number: "\"a\"#7".
template <class Id>
std::string to_string(const Dot<Id>& dot) {
    return detail::part_to_string(dot.replica) + "#" + std::to_string(dot.sequence);
}

/// Returns the side and the parent: "right of \"a\"#7" or, at the start of a list, "start".
template <class Id>
std::string to_string(const Origin<Id>& origin) {
    if (origin.is_start()) return "start";
    return (origin.side == Side::left ? "left of " : "right of ") + to_string(origin.parent);
}

/// Returns the position: "after \"a\"#7", "before \"a\"#7", "start" or "end".
template <class Id>
std::string to_string(const Cursor<Id>& cursor) {
    const bool is_left = cursor.side == Side::left;
    if (cursor.dot.sequence == 0) return is_left ? "start" : "end";
    return (is_left ? "after " : "before ") + to_string(cursor.dot);
}

/// Returns the ranges: "{\"a\"#1..5, \"b\"#7}".
template <class Id>
std::string to_string(const DotSet<Id>& dots) {
    detail::Listing listing("{", "}");
    dots.visit([&](const DotRange<Id>& range) {
        const std::string first = to_string(Dot<Id>{range.replica, range.first});
        listing.add(range.last == range.first ? first : first + ".." + std::to_string(range.last));
    });
    return listing.text();
}

/// Returns the dots and their states: "{\"a\"#7: 3}".
template <class L, class Id>
std::string to_string(const DotFun<L, Id>& store) {
    return detail::entries_to_string(store);
}

/// Returns the keys and their stores.
template <class K, class S>
std::string to_string(const DotMap<K, S>& store) {
    return detail::entries_to_string(store);
}

/// Returns the runs, the erased numbers and the text of each replica.
template <class Id>
std::string to_string(const DotSequence<Id>& store) {
    return detail::slots_to_string(store.columns(),
                                   [](const Id& id) { return detail::part_to_string(id); });
}

/// Returns the components, with their names if they have names.
template <class Names, class... S>
std::string to_string(const NamedDotTuple<Names, S...>& store) {
    if constexpr (std::same_as<Names, NoNames>) {
        return detail::components_to_string(store, std::index_sequence_for<S...>{});
    } else {
        return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            detail::Listing listing("{", "}");
            (listing.add(std::string(Names::list[Index]) + ": " +
                         detail::part_to_string(store.template get<Index>())),
             ...);
            return listing.text();
        }
        (std::index_sequence_for<S...>{});
    }
}

/// Returns the store and the context: "{...} of {...}".
template <class S>
std::string to_string(const Causal<S>& state) {
    return to_string(state.store()) + " of " + to_string(state.context());
}

}  // namespace crdt
