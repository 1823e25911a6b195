// SPDX-License-Identifier: MIT
//! Form: how a type is written and read, said once for all codecs; and the forms of plain values.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <crdt/detail/column_map.hpp>

// A form is said in the words of a codec's Writer and Reader:
//
//     a Writer            a Reader                JSON                      binary
//     boolean(b)          boolean()               true                      a byte, 0 or 1
//     u64(n)          u64()               7                         LEB128
//     i64(n)          i64()               -7                        zigzag, LEB128
//     string(t)             string()                  "a"; must be UTF-8        length, bytes
//     interned_string(t)             interned_string()                  as text 0, text; or a
//     number:
//                                                                           which of the names it
//                                                                           is
//     unit()           unit()               null                      a byte, 0
//     option(b)         option()              null, or what follows     boolean, what follows
//     begin_tuple(n) begin_tuple(n)     [...], of n               no bytes
//     begin_seq(n)       begin_seq()            [...]                     n
//     element()           element(i)              where the next, the i-th, component or element is
//     begin_struct()     begin_struct(names)    {...}, with no others     no bytes
//     member(name)        member(name)            where it is; in binary, members stand in a row
//     begin_variant(b)       begin_variant()            {"upper": ...}            boolean
//     parts(mask)         parts(names)            the members there are     natural, a bit each
//     flag(name)          flag(name)              "name": true              no bytes: its bit
//
// A Reader never throws: fail(reason) takes note of the first refusal and of its place, after
// which ok() is false and whatever is read is a default that must not be used.

namespace crdt {

/// How a T is written: static void write(auto& out, const T&), and static T read(auto& in). Types
/// composed of lattices have one. That of a key or a value of your own:
///
///     template <>
///     struct crdt::Serializer<Point> {
///         static constexpr std::string_view type_name = "point";  // in documents
///         static void write(auto& out, const Point& p) { serialize_tuple(out, p.x, p.y); }
///         static Point read(auto& in) {
///             const auto [x, y] = deserialize_tuple<int, int>(in);
///             return {x, y};
///         }
///     };
template <class T>
struct Serializer;

/// Is there a Form of a T, and of all that it is made of?
template <class T>
concept Serializable = requires {
    sizeof(Serializer<T>);
};

/// Writes `value` in its form.
template <Serializable T>
void serialize(auto&& out, const T& value) {
    Serializer<T>::write(out, value);
}

/// Reads what serialize() wrote.
template <Serializable T>
T deserialize(auto&& in) {
    return Serializer<T>::read(in);
}

/// Writes values side by side.
template <Serializable... T>
void serialize_tuple(auto& out, const T&... values) {
    out.begin_tuple(sizeof...(T));
    (serialize(out.element(), values), ...);
}

/// Reads what serialize_tuple() wrote.
template <Serializable... T>
std::tuple<T...> deserialize_tuple(auto& in) {
    in.begin_tuple(sizeof...(T));
    return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        return std::tuple<T...>{deserialize<T>(in.element(Index))...};
    }
    (std::index_sequence_for<T...>{});
}

/// Writes the id of a replica, which will stand in more than one place.
template <Serializable Id>
void serialize_replica(auto&& out, const Id& id) {
    if constexpr (std::same_as<Id, std::string>)
        out.interned_string(id);
    else
        serialize(out, id);
}
/// Reads what serialize_replica() wrote.
template <Serializable Id>
Id deserialize_replica(auto&& in) {
    if constexpr (std::same_as<Id, std::string>)
        return in.interned_string();
    else
        return deserialize<Id>(in);
}

/// Calls visit(element's reader) for each element of a list.
void for_each_element(auto& in, auto&& visit) {
    const std::size_t count = in.begin_seq();
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        auto&& item = in.element(i);
        visit(item);
    }
}

namespace detail {

/// Do the entries stand in an object, by their keys?
template <class Codec, class K>
inline constexpr bool keys_are_names = Codec::is_text&& std::same_as<K, std::string>;

/// Is each key but the first written as how many lie between it and the one before?
template <class Codec, class K>
inline constexpr bool keys_are_gaps = !Codec::is_text && std::integral<K> && !std::same_as<K, bool>;

/// Keys that ascend, so that every state has one form.
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
    /// Refuses a key that is not behind the one before. `in` reads the entry.
    void expect_next(auto& in, const K& key) {
        if (last_ && !(*last_ < key)) in.fail("not in ascending order");
        last_ = key;
    }

  private:
    static std::uint64_t distance(K from, K to) requires std::integral<K> {
        return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
    }
};

}  // namespace detail

/// Writes keys in ascending order as a list; `key_of` an entry is its key.
template <Serializable K>
void serialize_ascending(auto& out, const auto& entries, auto&& key_of) {
    detail::AscendingKeys<K> order;
    out.begin_seq(entries.size());
    for (const auto& entry : entries) {
        auto&& item = out.element();
        order.write(item, key_of(entry));
    }
}

/// Reads such a list: calls insert(element's reader, element).
template <Serializable K>
void deserialize_ascending(auto& in, auto&& insert) {
    detail::AscendingKeys<K> order;
    for_each_element(in, [&](auto& item) {
        K key = order.read(item);
        order.expect_next(item, key);
        if (item.ok()) insert(item, std::move(key));
    });
}

/// Anything that maps keys to values, in ascending order of the keys.
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

/// Calls insert(entry's reader, key, value) for each entry.
template <Serializable K, Serializable V, class Reader>
void deserialize_mapping(Reader& in, auto&& insert) {
    detail::AscendingKeys<K> order;
    const auto take = [&](auto& item, K key, V value) {
        order.expect_next(item, key);
        if (item.ok()) insert(item, std::move(key), std::move(value));
    };
    if constexpr (detail::keys_are_names<Reader, K>) {
        in.for_each_member(
            [&](const K& name, auto& item) { take(item, name, deserialize<V>(item)); });
    } else {
        for_each_element(in, [&](auto& item) {
            item.begin_tuple(2);
            auto&& place = item.element(0);
            K key = order.read(place);
            V value = deserialize<V>(item.element(1));
            take(item, std::move(key), std::move(value));
        });
    }
}

/// Reads the number of the version that what follows is written in, and refuses all but `known`.
void expect_version(auto&& in, std::uint64_t known) {
    const std::uint64_t version = in.u64();
    if (version > known) in.fail("a version newer than this one");
    if (version < known) in.fail("unknown version");
}

template <>
struct Serializer<bool> {
    static void write(auto& out, bool value) { out.boolean(value); }
    static bool read(auto& in) { return in.boolean(); }
};

/// Of 64 bits at most: a wider one would lose its upper half.
template <std::integral T>
    requires(sizeof(T) <= sizeof(std::uint64_t))
struct Serializer<T> {
    static void write(auto& out, T value) {
        if constexpr (std::signed_integral<T>)
            out.i64(value);
        else
            out.u64(value);
    }
    static T read(auto& in) {
        using Limits = std::numeric_limits<T>;
        if constexpr (std::signed_integral<T>) {
            const std::int64_t value = in.i64();
            if (value < Limits::lowest()) return in.fail("number too small"), T{};
            if (value > (Limits::max)()) return in.fail("number too large"), T{};
            return static_cast<T>(value);
        } else {
            const std::uint64_t value = in.u64();
            if (value > (Limits::max)()) return in.fail("number too large"), T{};
            return static_cast<T>(value);
        }
    }
};

template <>
struct Serializer<std::string> {
    static void write(auto& out, const std::string& value) { out.string(value); }
    static std::string read(auto& in) { return in.string(); }
};

template <Serializable... T>
struct Serializer<std::tuple<T...>> {
    static void write(auto& out, const std::tuple<T...>& values) {
        std::apply([&](const T&... value) { serialize_tuple(out, value...); }, values);
    }
    static std::tuple<T...> read(auto& in) { return deserialize_tuple<T...>(in); }
};

template <Serializable T>
struct Serializer<std::vector<T>> {
    static void write(auto& out, const std::vector<T>& values) {
        out.begin_seq(values.size());
        for (const T& value : values) serialize(out.element(), value);
    }
    static std::vector<T> read(auto& in) {
        std::vector<T> values;
        for_each_element(in, [&](auto& item) { values.push_back(deserialize<T>(item)); });
        return values;
    }
};

template <Serializable K, Serializable V>
struct Serializer<detail::ColumnMap<K, V>> {
    using Map = detail::ColumnMap<K, V>;

    static void write(auto& out, const Map& map) { serialize_mapping<K, V>(out, map); }
    static Map read(auto& in) {
        Map map;
        deserialize_mapping<K, V>(
            in, [&](auto&, K key, V value) { map.push_back(std::move(key), std::move(value)); });
        return map;
    }
};

}  // namespace crdt
