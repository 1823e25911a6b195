// SPDX-License-Identifier: MIT
//! Strict JSON text: no duplicate keys, no deep nesting, a reason and a position for every refusal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <crdt/codec/expected.hpp>

namespace crdt::json {

/// How deep arrays and objects may be nested.
inline constexpr std::size_t max_depth = 64;

namespace detail {

/// Builds a document from the parser's events and refuses what a plain parse would let pass.
class StrictBuilder final : public nlohmann::json_sax<nlohmann::json> {
    nlohmann::json root_;
    std::vector<nlohmann::json*> open_;
    std::string key_;
    DecodeError error_;

    /// Puts a value where it belongs; null if its key was there already.
    nlohmann::json* place(nlohmann::json value) {
        if (open_.empty()) return &(root_ = std::move(value));
        nlohmann::json& parent = *open_.back();
        if (parent.is_array()) return &parent.emplace_back(std::move(value));
        const auto [position, fresh] = parent.emplace(std::move(key_), std::move(value));
        if (fresh) return &*position;
        fail("duplicate key \"" + position.key() + '"', "");
        return nullptr;
    }

    bool open(nlohmann::json container) {
        if (open_.size() == max_depth) return fail("nested too deeply", "");
        nlohmann::json* const placed = place(std::move(container));
        if (placed != nullptr) open_.push_back(placed);
        return placed != nullptr;
    }
    bool close() {
        open_.pop_back();
        return true;
    }
    bool leaf(nlohmann::json value) { return place(std::move(value)) != nullptr; }

  public:
    bool null() override { return leaf(nullptr); }
    bool boolean(bool value) override { return leaf(value); }
    /// Called for numbers with a minus sign alone.
    bool number_integer(number_integer_t value) override {
        return value == 0 ? fail("-0, which is written as 0", "") : leaf(value);
    }
    bool number_unsigned(number_unsigned_t value) override { return leaf(value); }
    bool number_float(number_float_t value, const string_t&) override { return leaf(value); }
    bool string(string_t& value) override { return leaf(std::move(value)); }
    bool binary(binary_t&) override { return fail("binary data", ""); }
    bool start_object(std::size_t) override { return open(nlohmann::json::object()); }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(nlohmann::json::array()); }
    bool end_array() override { return close(); }
    bool key(string_t& value) override {
        key_ = std::move(value);
        return true;
    }
    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::json::exception&) override {
        return fail("not JSON", "byte " + std::to_string(position));
    }

    bool fail(std::string reason, std::string where) {
        error_ = {std::move(reason), std::move(where)};
        return false;
    }
    nlohmann::json take_root() { return std::move(root_); }
    DecodeError take_error() { return std::move(error_); }
};

}  // namespace detail

/// Parses a whole text. Memory: at most about 40 bytes for each byte of text.
inline Expected<nlohmann::json> parse(std::string_view text) {
    detail::StrictBuilder builder;
    if (nlohmann::json::sax_parse(text, &builder)) return builder.take_root();
    return builder.take_error();
}

}  // namespace crdt::json
