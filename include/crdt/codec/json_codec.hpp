// SPDX-License-Identifier: MIT
//! The frame of the JSON codec: how a type says its form, how a decoder refuses, and plain values.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include <crdt/codec/result.hpp>

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

template <class... T>
struct Codec<std::tuple<T...>> {
    using Tuple = std::tuple<T...>;

    static nlohmann::json encode(const Tuple& values) {
        nlohmann::json array = nlohmann::json::array();
        std::apply([&](const T&... value) { (array.push_back(Codec<T>::encode(value)), ...); },
                   values);
        return array;
    }
    static Tuple decode(const nlohmann::json& json, const Path& path) {
        if (!json.is_array() || json.size() != sizeof...(T))
            refuse("not an array of as many components", path);
        return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            return Tuple{Codec<T>::decode(json[Index], Path(path, Index))...};
        }
        (std::index_sequence_for<T...>{});
    }
};

/// The components of a product, as an array.
template <class... T, class Components, std::size_t... Index>
nlohmann::json encode_components(const Components& components, std::index_sequence<Index...>) {
    nlohmann::json array = nlohmann::json::array();
    (array.push_back(Codec<T>::encode(components.template get<Index>())), ...);
    return array;
}

/// Refuses keys that do not ascend: every state has one form.
template <class K>
class Ascending {
    std::optional<K> last_;

  public:
    void expect_next(const K& key, const Path& path) {
        if (last_ && !(*last_ < key)) refuse("not in ascending order", path);
        last_ = key;
    }
};

/// Calls visit(element, path) for each element of an array.
template <class Visit>
void for_each_element(const nlohmann::json& json, const Path& path, Visit&& visit) {
    if (!json.is_array()) refuse("not an array", path);
    for (std::size_t i = 0; i < json.size(); ++i) visit(json[i], Path(path, i));
}

/// The form of anything that maps keys to values: an object where keys are text, an array of pairs
/// in ascending order else.
template <class K, class V>
struct Mapping {
    template <class Entries>
    static nlohmann::json encode(const Entries& entries) {
        nlohmann::json array = nlohmann::json::array();
        for (const auto& [key, value] : entries) {
            array.push_back({Codec<K>::encode(key), Codec<V>::encode(value)});
        }
        return array;
    }
    /// Calls insert(key, value, path) for each entry, in ascending order.
    template <class Insert>
    static void decode(const nlohmann::json& json, const Path& path, Insert&& insert) {
        Ascending<K> order;
        for_each_element(json, path, [&](const nlohmann::json& pair, const Path& here) {
            auto [key, value] = Codec<std::tuple<K, V>>::decode(pair, here);
            order.expect_next(key, here);
            insert(std::move(key), std::move(value), here);
        });
    }
};

template <class V>
struct Mapping<std::string, V> {
    template <class Entries>
    static nlohmann::json encode(const Entries& entries) {
        nlohmann::json object = nlohmann::json::object();
        for (const auto& [key, value] : entries) object[key] = Codec<V>::encode(value);
        return object;
    }
    template <class Insert>
    static void decode(const nlohmann::json& json, const Path& path, Insert&& insert) {
        if (!json.is_object()) refuse("not an object", path);
        for (const auto& [key, value] : json.items()) {
            const Path here(path, std::string_view(key));
            insert(std::string(key), Codec<V>::decode(value, here), here);
        }
    }
};

template <class K, class V, class Compare>
struct Codec<std::map<K, V, Compare>> {
    using Map = std::map<K, V, Compare>;

    static nlohmann::json encode(const Map& map) { return Mapping<K, V>::encode(map); }
    static Map decode(const nlohmann::json& json, const Path& path) {
        Map map;
        Mapping<K, V>::decode(json, path, [&](K key, V value, const Path&) {
            map.emplace_hint(map.end(), std::move(key), std::move(value));
        });
        return map;
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

}  // namespace crdt::json
