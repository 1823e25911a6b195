// SPDX-License-Identifier: MIT
//! The JSON codec's Writer: forms become values of nlohmann::json.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <crdt/codec/form.hpp>

namespace crdt::json {

/// Writes to a place in a document; form.hpp says what the words mean.
class Writer {
    nlohmann::json* place_;

  public:
    static constexpr bool is_text = true;

    explicit Writer(nlohmann::json& place) : place_(&place) {}

    void boolean(bool value) { *place_ = value; }
    void natural(std::uint64_t value) { *place_ = value; }
    void integer(std::int64_t value) { *place_ = value; }
    void text(std::string_view value) { *place_ = value; }
    void name(std::string_view value) { text(value); }
    void nothing() { *place_ = nullptr; }
    void presence(bool) { nothing(); }
    void begin_components(std::size_t) { *place_ = nlohmann::json::array(); }
    void begin_list(std::size_t) { *place_ = nlohmann::json::array(); }
    Writer element() {
        place_->emplace_back(nullptr);
        return Writer(place_->back());
    }
    void begin_members() { *place_ = nlohmann::json::object(); }
    Writer member(const std::string& name) { return Writer((*place_)[name]); }
    void begin_side(bool) { begin_members(); }
    void parts(std::uint64_t) {}
    void flag(const char* name) { member(name).boolean(true); }
};

/// `value` in its form.
template <HasForm T>
nlohmann::json write(const T& value) {
    nlohmann::json json;
    write_form(Writer(json), value);
    return json;
}

}  // namespace crdt::json
