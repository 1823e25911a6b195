// SPDX-License-Identifier: MIT
//! The bridge to nlohmann::json, for programs that process JSON by hand. No other header of the
//! codec needs that library.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <crdt/codec/expected.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/detail/parse_double.hpp>

namespace crdt {

/// An nlohmann::json is written as the JSON that it contains. The binary codec does not support it.
template <>
struct Serializer<nlohmann::json> {
    static void write(json::Writer& out, const nlohmann::json& value) {
        using Type = nlohmann::json::value_t;
        switch (value.type()) {
            case Type::boolean: return out.boolean(value.get<bool>());
            case Type::number_integer: return out.i64(value.get<std::int64_t>());
            case Type::number_unsigned: return out.u64(value.get<std::uint64_t>());
            case Type::number_float: return out.f64(value.get<double>());
            case Type::string: return out.string(value.get_ref<const std::string&>());
            case Type::array: {
                out.begin_seq(value.size());
                for (const auto& element : value) serialize(out.element(), element);
                return;
            }
            case Type::object: {
                out.begin_struct();
                for (const auto& [name, member] : value.get_ref<const nlohmann::json::object_t&>())
                    serialize(out.member(name), member);
                return;
            }
            default: return out.unit();
        }
    }
    static nlohmann::json read(json::Reader& in) {
        switch (in.kind()) {
            case json::Kind::boolean: return in.boolean();
            case json::Kind::string: return in.string();
            case json::Kind::number: return number(in);
            case json::Kind::array: {
                nlohmann::json list = nlohmann::json::array();
                for_each_element(in, [&](auto& item) { list.push_back(read(item)); });
                return list;
            }
            case json::Kind::object: {
                nlohmann::json object = nlohmann::json::object();
                in.for_each_member([&](std::string name, auto& item) {
                    object.emplace(std::move(name), read(item));
                });
                return object;
            }
            default: return nullptr;
        }
    }

  private:
    /// Reads a number into the type that nlohmann::json itself chooses: unsigned, signed if the
    /// number is negative, or double if it is not a whole number of 64 bits.
    static nlohmann::json number(json::Reader& in) {
        const std::string_view text = in.text();
        if (const auto number = json::parse_whole<std::uint64_t>(text)) return *number;
        if (const auto number = json::parse_whole<std::int64_t>(text)) return *number;
        const auto value = crdt::detail::parse_double(text);
        if (!value) in.fail("number too large or too small");
        return value.value_or(0);
    }
};

namespace json {

/// Parses the whole `text` strictly; see Input. Memory: at most 100 bytes for each byte of text.
inline Expected<nlohmann::json> parse(std::string_view text) {
    return try_decode_value<nlohmann::json>(text);
}

/// Returns `value` as an nlohmann::json.
template <Serializable T>
nlohmann::json to_nlohmann(const T& value) {
    return *parse(encode_value(value));
}

/// Reads a T from an nlohmann::json.
template <Serializable T, std::same_as<nlohmann::json> Json>
Expected<T> try_decode_value(const Json& value) {
    return try_decode_value<T>(std::string_view(encode_value(value)));
}

}  // namespace json

}  // namespace crdt
