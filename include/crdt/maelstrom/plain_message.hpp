// SPDX-License-Identifier: MIT
//! The messages that come most, read without a JSON parser.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <crdt/maelstrom/json_text.hpp>
#include <crdt/maelstrom/message.hpp>

namespace crdt::maelstrom {

namespace detail {

/// Reads a line, or gives up: it takes what is plain, and never says why it takes nothing else.
class PlainReader {
    std::string_view rest_;
    std::optional<std::string_view> src_;
    std::optional<std::string_view> dest_;
    std::optional<Body> body_;

    static constexpr bool is_space(char letter) {
        return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r';
    }
    static constexpr bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

    /// The next bytes that are `wanted`.
    template <class Wanted>
    std::string_view take_while(Wanted&& wanted) {
        const auto* const end = std::find_if_not(rest_.begin(), rest_.end(), wanted);
        const auto taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        rest_.remove_prefix(taken.size());
        return taken;
    }
    bool take(char symbol) {
        take_while(is_space);
        const bool found = rest_.starts_with(symbol);
        if (found) rest_.remove_prefix(1);
        return found;
    }

    std::optional<std::string_view> text() {
        if (!take('"')) return std::nullopt;
        const std::string_view letters = take_while(is_plain);
        if (!rest_.starts_with('"')) return std::nullopt;
        rest_.remove_prefix(1);
        return letters;
    }

    /// Up to 18 digits, which always fit; what follows is the caller's to refuse. -0 is not plain.
    std::optional<std::int64_t> integer() {
        take_while(is_space);
        const bool negative = rest_.starts_with('-');
        if (negative) rest_.remove_prefix(1);
        const std::string_view digits = take_while(is_digit);
        if (digits.empty() || digits.size() > 18) return std::nullopt;
        if (digits.front() == '0' && (negative || digits.size() > 1)) return std::nullopt;
        std::int64_t number = 0;
        for (const char digit : digits) number = 10 * number + (digit - '0');
        return negative ? -number : number;
    }

    std::optional<Body::Value> value() {
        take_while(is_space);
        if (rest_.starts_with('"')) return text();
        return integer();
    }

    /// An object, each of whose values is read by member(name).
    template <class Member>
    bool object(Member&& member) {
        if (!take('{')) return false;
        if (take('}')) return true;
        do {
            const auto name = text();
            if (!name || !take(':') || !member(*name)) return false;
        } while (take(','));
        return take('}');
    }

    bool body() {
        if (body_) return false;
        body_.emplace();
        return object([this](std::string_view name) {
            const auto field = value();
            return field && body_->add(name, *field);
        });
    }
    bool id(std::optional<std::string_view>& place) {
        if (place) return false;
        place = text();
        return place.has_value();
    }
    bool envelope_field(std::string_view name) {
        if (name == "src") return id(src_);
        if (name == "dest") return id(dest_);
        if (name == "body") return body();
        return value().has_value();
    }

  public:
    explicit PlainReader(std::string_view line) : rest_(line) {}

    std::optional<Message> read() {
        const bool taken = object([this](std::string_view name) { return envelope_field(name); });
        take_while(is_space);
        if (!taken || !rest_.empty() || !src_ || !dest_ || !body_) return std::nullopt;
        return Message{std::string(*src_), std::string(*dest_), *std::move(body_)};
    }
};

}  // namespace detail

/// Reads a line if it is plain: an envelope and a body, with nothing in them but whole numbers of
/// up to 18 digits and strings without escapes and non-ASCII letters. None for all others, whether
/// good or bad. The message's body lies in the line.
inline std::optional<Message> parse_plain(std::string_view line) {
    return detail::PlainReader(line).read();
}

}  // namespace crdt::maelstrom
