// SPDX-License-Identifier: MIT
//! The messages that come most, read without a JSON parser.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/maelstrom/json_text.hpp>
#include <crdt/maelstrom/message.hpp>

namespace crdt::maelstrom {

namespace detail {

/// Reads a line, or gives up: it takes what is plain, and never says why it takes nothing else.
class PlainReader {
    const char* at_;
    const char* end_;
    Message* message_;
    bool has_src_ = false;
    bool has_dest_ = false;
    bool has_body_ = false;

    static constexpr bool is_space(char letter) {
        return letter <= ' ' &&
               (letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r');
    }
    static constexpr bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

    bool is_next(char symbol) const { return at_ != end_ && *at_ == symbol; }

    void skip_spaces() {
        while (at_ != end_ && is_space(*at_)) ++at_;
    }
    bool take(char symbol) {
        skip_spaces();
        const bool found = is_next(symbol);
        if (found) ++at_;
        return found;
    }

    std::optional<std::string_view> text() {
        if (!take('"')) return std::nullopt;
        const char* const begin = at_;
        while (at_ != end_ && is_plain(*at_)) ++at_;
        const std::string_view letters(begin, static_cast<std::size_t>(at_ - begin));
        if (!is_next('"')) return std::nullopt;
        ++at_;
        return letters;
    }

    /// Up to 18 digits, which always fit; what follows is the caller's to refuse. -0 is not plain.
    std::optional<std::int64_t> integer() {
        const bool negative = take('-');
        const char* const begin = at_;
        std::int64_t number = 0;
        for (; at_ != end_ && is_digit(*at_) && at_ - begin < 18; ++at_)
            number = 10 * number + (*at_ - '0');
        const auto size = at_ - begin;
        if (size == 0 || (*begin == '0' && (negative || size > 1))) return std::nullopt;
        return negative ? -number : number;
    }

    std::optional<Body::Value> value() {
        skip_spaces();
        if (is_next('"')) return text();
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

    bool id(std::string& place, bool& seen) {
        const auto found = text();
        if (!found || std::exchange(seen, true)) return false;
        place = *found;
        return true;
    }
    bool body() {
        return !std::exchange(has_body_, true) && object([this](std::string_view name) {
            const auto field = value();
            return field && message_->body.add(name, *field);
        });
    }
    bool envelope_field(std::string_view name) {
        if (name == "src") return id(message_->src, has_src_);
        if (name == "dest") return id(message_->dest, has_dest_);
        if (name == "body") return body();
        return value().has_value();
    }

  public:
    PlainReader(std::string_view line, Message& message)
        : at_(line.data()), end_(line.data() + line.size()), message_(&message) {}

    bool read() {
        const bool taken = object([this](std::string_view name) { return envelope_field(name); });
        skip_spaces();
        return taken && at_ == end_ && has_src_ && has_dest_ && has_body_;
    }
};

}  // namespace detail

/// Reads a line if it is plain: an envelope with a flat body, and nothing in them but whole numbers
/// of up to 18 digits and ASCII strings without escapes. None for all other lines, be they good or
/// bad. The message's body lies in the line.
inline std::optional<Message> parse_plain(std::string_view line) {
    std::optional<Message> message(std::in_place);
    if (!detail::PlainReader(line, *message).read()) message.reset();
    return message;
}

}  // namespace crdt::maelstrom
