// SPDX-License-Identifier: MIT
//! The JSON codec's Writer: forms become values of nlohmann::json.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <crdt/codec/json/bytes_text.hpp>
#include <crdt/codec/serializer.hpp>

namespace crdt::json {

/// Writes to a place in a document; form.hpp says what the words mean.
class Writer {
    nlohmann::json* place_;

  public:
    static constexpr bool is_text = true;

    explicit Writer(nlohmann::json& place) : place_(&place) {}

    void boolean(bool value) { *place_ = value; }
    void u64(std::uint64_t value) { *place_ = value; }
    void i64(std::int64_t value) { *place_ = value; }
    /// JSON has no numbers for NaN and the infinities: they are strings.
    void f64(double value) {
        if (value != value)
            *place_ = "NaN";
        else if (value - value != 0)
            *place_ = value > 0 ? "Infinity" : "-Infinity";
        else
            *place_ = value;
    }
    void bytes(std::string_view value) { *place_ = detail::bytes_text(value, false); }
    void fixed_bytes(std::string_view value) {
        *place_ = detail::bytes_text(value, value.size() == 16);
    }
    void string(std::string_view value) { *place_ = value; }
    void interned_string(std::string_view value) { string(value); }
    void unit() { *place_ = nullptr; }
    void option(bool) { unit(); }
    void begin_tuple(std::size_t) { *place_ = nlohmann::json::array(); }
    void begin_seq(std::size_t) { *place_ = nlohmann::json::array(); }
    Writer element() {
        place_->emplace_back(nullptr);
        return Writer(place_->back());
    }
    void begin_struct() { *place_ = nlohmann::json::object(); }
    Writer member(std::string_view name) { return Writer((*place_)[std::string(name)]); }
    void begin_variant(bool) { begin_struct(); }
    void parts(std::uint64_t) {}
    void flag(const char* name) { member(name).boolean(true); }
};

/// `value` in its form.
template <Serializable T>
nlohmann::json encode_value(const T& value) {
    nlohmann::json json;
    serialize(Writer(json), value);
    return json;
}

}  // namespace crdt::json
