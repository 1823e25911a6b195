// SPDX-License-Identifier: MIT
//! Writes and reads sets and maps in ascending order of their keys. So each state is written in
//! exactly one way.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include <crdt/codec/serializer.hpp>

namespace crdt {

namespace detail {

/// True if the entries are members of a JSON object, named by their keys.
template <class Codec, class K>
inline constexpr bool keys_are_names = Codec::is_text&& std::same_as<K, std::string>;

/// True if each key except the first is written as its distance from the key before.
template <class Codec, class K>
inline constexpr bool keys_are_gaps = !Codec::is_text && std::integral<K> && !std::same_as<K, bool>;

/// Writes and reads keys in strictly ascending order. So each state is written in exactly one way.
template <class K>
class AscendingKeys {
    std::optional<K> last_;

  public:
    template <class Writer>
    void write(Writer& out, const K& key) {
        if constexpr (keys_are_gaps<Writer, K>) {
            const std::optional<K> before = std::exchange(last_, key);
            if (before) return out.u64(distance(*before, key) - 1);
        }
        serialize(out, key);
    }

    template <class Reader>
    K read(Reader& in) {
        if constexpr (keys_are_gaps<Reader, K>) {
            if (last_) {
                const std::uint64_t gap = in.u64();
                if (gap >= distance(*last_, (std::numeric_limits<K>::max)()))
                    return in.fail("number too large"), K{};
                return static_cast<K>(static_cast<std::uint64_t>(*last_) + gap + 1);
            }
        }
        return deserialize<K>(in);
    }
    /// Fails unless `key` is greater than the key before. `in` is the reader of the entry.
    void expect_next(auto& in, const K& key) {
        if (last_ && !(*last_ < key)) in.fail("not in ascending order");
        last_ = key;
    }
    /// Returns the key before, if there is one.
    const std::optional<K>& last() const { return last_; }
    void set_last(const K& key) { last_ = key; }
    static std::uint64_t distance(K from, K to) requires std::integral<K> {
        return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
    }
};

}  // namespace detail

/// Writes keys in ascending order as a list. `key_of(entry)` returns the key of an entry.
template <Serializable K>
void serialize_ascending(auto& out, const auto& entries, auto&& key_of) {
    detail::AscendingKeys<K> order;
    out.begin_seq(entries.size());
    for (const auto& entry : entries) {
        auto&& item = out.element();
        order.write(item, key_of(entry));
    }
}

/// Reads a list that serialize_ascending() wrote. Calls insert(reader, element) for each element.
/// `reader` is positioned at this element, and `insert` reports errors of the element to `reader`.
template <Serializable K>
void deserialize_ascending(auto& in, auto&& insert) {
    detail::AscendingKeys<K> order;
    for_each_element(in, [&](auto& item) {
        K key = order.read(item);
        order.expect_next(item, key);
        if (item.ok()) insert(item, std::move(key));
    });
}

/// Writes any map from keys to values, in ascending order of the keys.
template <Serializable K, Serializable V, class Writer>
void serialize_mapping(Writer& out, const auto& entries) {
    if constexpr (detail::keys_are_names<Writer, K>) {
        out.begin_struct();
        for (const auto& [key, value] : entries) serialize(out.member(key), value);
    } else {
        detail::AscendingKeys<K> order;
        out.begin_seq(entries.size());
        for (const auto& [key, value] : entries) {
            auto&& item = out.element();
            item.begin_tuple(2);
            auto&& place = item.element();
            order.write(place, key);
            serialize(item.element(), value);
        }
    }
}

/// Reads a map that serialize_mapping() wrote. Calls insert(reader, key, value) for each entry.
/// `reader` is positioned at this entry, and `insert` reports errors of the entry to `reader`.
template <Serializable K, Serializable V, class Reader>
void deserialize_mapping(Reader& in, auto&& insert) {
    detail::AscendingKeys<K> order;
    const auto append = [&](auto& item, K key, V value) {
        order.expect_next(item, key);
        if (item.ok()) insert(item, std::move(key), std::move(value));
    };
    if constexpr (detail::keys_are_names<Reader, K>) {
        in.for_each_member(
            [&](const K& name, auto& item) { append(item, name, deserialize<V>(item)); });
    } else {
        for_each_element(in, [&](auto& item) {
            item.begin_tuple(2);
            auto&& place = item.element(0);
            K key = order.read(place);
            V value = deserialize<V>(item.element(1));
            append(item, std::move(key), std::move(value));
        });
    }
}

}  // namespace crdt
