// SPDX-License-Identifier: MIT
//! Body: what a message says.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include <crdt/detail/cpp20.hpp>

namespace crdt::maelstrom {

/// The body of a message, an object: a document, or a few plain fields that lie in the message's
/// line, and then only as long as the line.
///
/// Plain fields become a document when somebody asks for one. Who asks for no more than their
/// numbers and texts pays for no more: nothing is allocated.
class Body {
  public:
    using Value = std::variant<std::int64_t, std::string_view>;

    Body() = default;
    explicit Body(nlohmann::json document) : document_(std::move(document)) {}

    /// Adds a plain field. False if there is no room for it, or its name is there already.
    bool add(std::string_view name, Value value) {
        if (size_ == fields_.size() || find(name)) return false;
        fields_[size_++] = {name, value};
        return true;
    }

    bool contains(std::string_view name) const {
        return is_document() ? document_.contains(std::string(name)) : find(name).has_value();
    }
    /// The field `name`, if it is a text.
    std::optional<std::string_view> text(std::string_view name) const {
        return get<std::string_view>(name);
    }
    /// The field `name`, if it is a whole number from -2^63 to 2^63 - 1.
    std::optional<std::int64_t> integer(std::string_view name) const {
        return get<std::int64_t>(name);
    }

    /// All of it.
    const nlohmann::json& document() const {
        if (!is_document()) document_ = to_document();
        return document_;
    }

  private:
    struct Field {
        std::string_view name;
        Value value;
    };

    std::array<Field, 8> fields_;
    std::size_t size_ = 0;
    /// Null as long as there are only the plain fields.
    mutable nlohmann::json document_;

    bool is_document() const { return !document_.is_null(); }

    template <class T>
    std::optional<T> get(std::string_view name) const {
        const std::optional<Value> value = find(name);
        if (!value || !std::holds_alternative<T>(*value)) return std::nullopt;
        return std::get<T>(*value);
    }

    std::optional<Value> find(std::string_view name) const {
        if (is_document()) return find_in_document(name);
        for (std::size_t i = 0; i < size_; ++i) {
            if (fields_[i].name == name) return fields_[i].value;
        }
        return std::nullopt;
    }

    std::optional<Value> find_in_document(std::string_view name) const {
        constexpr std::uint64_t greatest = (std::numeric_limits<std::int64_t>::max)();
        const auto member = document_.find(std::string(name));
        if (member == document_.end()) return std::nullopt;
        if (member->is_string()) return member->get_ref<const std::string&>();
        if (!member->is_number_integer()) return std::nullopt;
        if (member->is_number_unsigned() && member->get<std::uint64_t>() > greatest)
            return std::nullopt;
        return member->get<std::int64_t>();
    }

    /// As the parser would have made it: numbers are unsigned unless they are negative.
    nlohmann::json to_document() const {
        nlohmann::json document = nlohmann::json::object();
        for (std::size_t i = 0; i < size_; ++i) {
            nlohmann::json& member = document[std::string(fields_[i].name)];
            if (const auto* text = std::get_if<std::string_view>(&fields_[i].value))
                member = *text;
            else if (const auto number = std::get<std::int64_t>(fields_[i].value); number < 0)
                member = number;
            else
                member = static_cast<std::uint64_t>(number);
        }
        return document;
    }
};

}  // namespace crdt::maelstrom
