// SPDX-License-Identifier: MIT
//! The JSON codec: readable, deterministic and versioned, for every type by composition.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <crdt/codec/json_parse.hpp>
#include <crdt/codec/result.hpp>
#include <crdt/lattice/chain_of.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/product.hpp>

// The forms, canonical: equal states have the same bytes.
//
//     chain       its value                        3
//     map         object, where keys are text      {"n1": 3}
//                 pairs in ascending order, else   [[1, 3], [2, 5]]
//     set         keys in ascending order          [1, 2]         (a map to Max<bool>)
//     product     array of the components          [3, 1]
//     document    {"type": "gcounter", "version": 1, "state": ...}

namespace crdt::json {

/// How a T is written: static encode(const T&) -> nlohmann::json, and static
/// decode(const nlohmann::json&, const Path&) -> T, which throws Refusal.
template <class T>
struct Codec;

/// Where in a document a value stands.
class Path {
    const Path* parent_ = nullptr;
    std::string_view name_;
    std::size_t index_ = 0;

  public:
    Path() = default;
    Path(const Path& parent, std::string_view name) : parent_(&parent), name_(name) {}
    Path(const Path& parent, std::size_t index) : parent_(&parent), index_(index) {}
    Path(const Path&) = delete;
    Path& operator=(const Path&) = delete;

    /// The JSON pointer.
    std::string text() const {
        if (parent_ == nullptr) return {};
        std::string text = parent_->text() + '/';
        if (name_.data() == nullptr) return text + std::to_string(index_);
        for (const char letter : name_) {
            if (letter == '~')
                text += "~0";
            else if (letter == '/')
                text += "~1";
            else
                text += letter;
        }
        return text;
    }
};

/// Thrown inside decoders; try_decode turns it into a DecodeError.
struct Refusal {
    DecodeError error;
};

[[noreturn]] inline void refuse(const char* reason, const Path& path) {
    throw Refusal{{reason, path.text()}};
}

/// The member `name` of an object.
inline const nlohmann::json& member(const nlohmann::json& object, const char* name,
                                    const Path& path) {
    if (!object.is_object()) refuse("not an object", path);
    const auto found = object.find(name);
    if (found == object.end()) refuse("not there", Path(path, std::string_view(name)));
    return *found;
}

template <>
struct Codec<bool> {
    static nlohmann::json encode(bool value) { return value; }
    static bool decode(const nlohmann::json& json, const Path& path) {
        if (!json.is_boolean()) refuse("not true or false", path);
        return json.get<bool>();
    }
};

template <std::integral T>
struct Codec<T> {
    static nlohmann::json encode(T value) { return value; }
    static T decode(const nlohmann::json& json, const Path& path) {
        if (!json.is_number_integer()) refuse("not a whole number below 2^64", path);
        // Text gives unsigned numbers for all but negative ones; documents made in memory need not.
        if (json.is_number_unsigned() || json.get<std::int64_t>() >= 0) {
            const auto value = json.get<std::uint64_t>();
            if (value > static_cast<std::uint64_t>(std::numeric_limits<T>::max()))
                refuse("number too large", path);
            return static_cast<T>(value);
        }
        if constexpr (std::signed_integral<T>) {
            const auto value = json.get<std::int64_t>();
            if (value < std::numeric_limits<T>::lowest()) refuse("number too small", path);
            return static_cast<T>(value);
        } else {
            refuse("negative number", path);
        }
    }
};

/// Text must be UTF-8; writing other bytes throws nlohmann::json::type_error.
template <>
struct Codec<std::string> {
    static nlohmann::json encode(const std::string& value) { return value; }
    static std::string decode(const nlohmann::json& json, const Path& path) {
        if (!json.is_string()) refuse("not a string", path);
        return json.get_ref<const std::string&>();
    }
};

template <class T, class Order>
struct Codec<ChainOf<T, Order>> {
    static nlohmann::json encode(const ChainOf<T, Order>& state) {
        return Codec<T>::encode(state.value());
    }
    static ChainOf<T, Order> decode(const nlohmann::json& json, const Path& path) {
        return ChainOf<T, Order>(Codec<T>::decode(json, path));
    }
};

template <class... L>
struct Codec<Product<L...>> {
    static nlohmann::json encode(const Product<L...>& state) {
        return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            nlohmann::json array = nlohmann::json::array();
            (array.push_back(Codec<L>::encode(state.template get<Index>())), ...);
            return array;
        }
        (std::index_sequence_for<L...>{});
    }
    static Product<L...> decode(const nlohmann::json& json, const Path& path) {
        if (!json.is_array() || json.size() != sizeof...(L))
            refuse("not an array of as many components", path);
        return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            return Product<L...>{Codec<L>::decode(json[Index], Path(path, Index))...};
        }
        (std::index_sequence_for<L...>{});
    }
};

namespace detail {

/// Reads an ascending array into a map; `entry_at(element, path)` gives (key, state).
template <class Map, class EntryAt>
Map decode_ascending(const nlohmann::json& json, const Path& path, EntryAt&& entry_at) {
    if (!json.is_array()) refuse("not an array", path);
    Map result;
    const typename Map::key_type* last = nullptr;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const Path here(path, i);
        auto [key, state] = entry_at(json[i], here);
        if (state.is_bottom()) refuse("an entry that says nothing", here);
        if (last != nullptr && !(*last < key)) refuse("not in ascending order", here);
        result.merge(Map{{std::move(key), std::move(state)}});
        last = &std::prev(result.end())->first;
    }
    return result;
}

}  // namespace detail

template <class K, class L>
struct Codec<MapOf<K, L>> {
    using Map = MapOf<K, L>;

    static nlohmann::json encode(const Map& state) {
        nlohmann::json array = nlohmann::json::array();
        for (const auto& [key, value] : state) {
            array.push_back({Codec<K>::encode(key), Codec<L>::encode(value)});
        }
        return array;
    }
    static Map decode(const nlohmann::json& json, const Path& path) {
        return detail::decode_ascending<Map>(
            json, path, [](const nlohmann::json& pair, const Path& here) {
                if (!pair.is_array() || pair.size() != 2) refuse("not a pair", here);
                return std::pair(Codec<K>::decode(pair[0], Path(here, 0)),
                                 Codec<L>::decode(pair[1], Path(here, 1)));
            });
    }
};

template <class L>
struct Codec<MapOf<std::string, L>> {
    using Map = MapOf<std::string, L>;

    static nlohmann::json encode(const Map& state) {
        nlohmann::json object = nlohmann::json::object();
        for (const auto& [key, value] : state) object[key] = Codec<L>::encode(value);
        return object;
    }
    static Map decode(const nlohmann::json& json, const Path& path) {
        if (!json.is_object()) refuse("not an object", path);
        Map result;
        for (const auto& [key, value] : json.items()) {
            const Path here(path, std::string_view(key));
            L state = Codec<L>::decode(value, here);
            if (state.is_bottom()) refuse("an entry that says nothing", here);
            result.merge(Map{{key, std::move(state)}});
        }
        return result;
    }
};

namespace detail {

template <class K>
struct SetCodec {
    using Map = MapOf<K, Max<bool>>;

    static nlohmann::json encode(const Map& state) {
        nlohmann::json array = nlohmann::json::array();
        for (const auto& [key, there] : state) array.push_back(Codec<K>::encode(key));
        return array;
    }
    static Map decode(const nlohmann::json& json, const Path& path) {
        return decode_ascending<Map>(json, path, [](const nlohmann::json& key, const Path& here) {
            return std::pair(Codec<K>::decode(key, here), Max<bool>(true));
        });
    }
};

}  // namespace detail

template <class K>
struct Codec<MapOf<K, Max<bool>>> : detail::SetCodec<K> {};
template <>
struct Codec<MapOf<std::string, Max<bool>>> : detail::SetCodec<std::string> {};

/// A data type is written as the composition it is made of.
template <class T>
    requires requires { typename T::lattice_type; }
struct Codec<T> {
    static nlohmann::json encode(const T& state) {
        return Codec<typename T::lattice_type>::encode(state.lattice());
    }
    static T decode(const nlohmann::json& json, const Path& path) {
        return T::from_lattice(Codec<typename T::lattice_type>::decode(json, path));
    }
};

/// Runs `decode`, a function that may throw Refusal.
template <class Decode>
auto try_decode_with(Decode&& decode) -> Result<decltype(decode())> {
    try {
        return decode();
    } catch (Refusal& refusal) {
        return std::move(refusal.error);
    }
}

/// The version of the document form.
inline constexpr int document_version = 1;

/// `state` as a document of one line. O(size of the state).
template <class T>
std::string encode(const T& state) {
    return nlohmann::json{
        {"type", T::type_name}, {"version", document_version}, {"state", Codec<T>::encode(state)}}
        .dump();
}

/// Reads a document that encode() wrote. Never throws for what the text holds: anything else is
/// refused with a reason and its place.
template <class T>
Result<T> try_decode(std::string_view text) {
    auto document = parse(text);
    if (!document) return document.error();
    return try_decode_with([&] {
        const Path root;
        const auto& type = member(*document, "type", root);
        if (type != T::type_name) refuse("another type", Path(root, std::string_view("type")));
        if (member(*document, "version", root) != document_version)
            refuse("unknown version", Path(root, std::string_view("version")));
        const auto& state = member(*document, "state", root);
        if (document->size() != 3) refuse("more than type, version and state", root);
        return Codec<T>::decode(state, Path(root, std::string_view("state")));
    });
}

}  // namespace crdt::json
