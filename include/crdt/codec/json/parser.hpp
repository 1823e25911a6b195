// SPDX-License-Identifier: MIT
//! The strict JSON parser: checks a text and records the positions of its values.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <crdt/codec/expected.hpp>
#include <crdt/codec/json/text.hpp>
#include <crdt/codec/json/token.hpp>
#include <crdt/detail/inlining.hpp>

namespace crdt::json::detail {

/// Parses one text; see Input.
class Parser {
    ParsedText* out_;
    const char* at_;
    const char* end_;
    std::array<std::size_t, max_depth> open_;
    std::size_t depth_ = 0;

    std::size_t offset() const { return static_cast<std::size_t>(at_ - out_->text.data()); }
    std::string_view left() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }
    bool is_at_end() const { return at_ == end_; }
    CRDT_NOINLINE bool fail_at(std::size_t place, const char* reason) {
        out_->error = DecodeError{reason, "byte " + std::to_string(place)};
        return false;
    }
    bool fail(const char* reason) {
        return fail_at(offset(), is_at_end() ? "unexpected end of input" : reason);
    }

    bool is_next(char symbol) const { return at_ != end_ && *at_ == symbol; }
    bool consume(char symbol) {
        const bool found = is_next(symbol);
        if (found) ++at_;
        return found;
    }
    void skip_spaces() {
        const auto is_space = [](char letter) {
            return letter == ' ' || letter == '\n' || letter == '\r' || letter == '\t';
        };
        while (at_ != end_ && *at_ <= ' ' && is_space(*at_)) ++at_;
    }

    void add(Kind kind, std::size_t begin, std::string_view text) {
        out_->tokens.push_back({text, begin, 0, out_->tokens.size() + 1, kind, false});
    }

    /// Parses a string, number, word or null completely. Parses only the opening bracket of an
    /// array or object.
    bool parse_value() {
        skip_spaces();
        if (is_at_end()) return fail("");
        switch (*at_) {
            case '{': return open(Kind::object);
            case '[': return open(Kind::array);
            case '"': return parse_string();
            case 't': return parse_word(Kind::boolean, "true");
            case 'f': return parse_word(Kind::boolean, "false");
            case 'n': return parse_word(Kind::null, "null");
            default: return parse_number();
        }
    }
    bool open(Kind kind) {
        if (depth_ == max_depth) return fail("nested too deeply");
        open_[depth_++] = out_->tokens.size();
        add(kind, offset(), {});
        ++at_;
        return true;
    }
    bool close(std::size_t container) {
        --depth_;
        Token& token = out_->tokens[container];
        token.next = out_->tokens.size();
        token.text = out_->text.substr(token.offset, offset() - token.offset);
        return token.kind == Kind::array || expect_distinct_names(container);
    }
    bool parse_name() {
        skip_spaces();
        if (!is_next('"')) return fail("expected the name of a member");
        if (!parse_string()) return false;
        skip_spaces();
        return consume(':') || fail("expected ':'");
    }
    bool parse_word(Kind kind, std::string_view word) {
        if (!left().starts_with(word)) return fail("expected a value");
        add(kind, offset(), word);
        at_ += word.size();
        return true;
    }

    bool consume_digits() {
        const char* const begin = at_;
        while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
        return at_ != begin;
    }
    bool parse_number() {
        const std::size_t begin = offset();
        const bool is_negative = consume('-');
        if (!consume('0') && !consume_digits())
            return fail(is_negative ? "expected a digit" : "expected a value");
        bool is_whole = true;
        if (consume('.')) {
            is_whole = false;
            if (!consume_digits()) return fail("expected a digit");
        }
        if (consume('e') || consume('E')) {
            is_whole = false;
            if (!consume('+')) static_cast<void>(consume('-'));
            if (!consume_digits()) return fail("expected a digit");
        }
        const std::string_view text = out_->text.substr(begin, offset() - begin);
        if (is_whole && text == "-0") return fail_at(begin, "-0, which is written as 0");
        add(Kind::number, begin, text);
        return true;
    }

    bool parse_string() {
        const std::size_t begin = offset();
        ++at_;
        std::string_view text = consume_unescaped();
        if (is_next('\\')) {
            // The reserved size holds all decoded strings, so `decoded` never moves.
            if (out_->decoded.empty()) out_->decoded.reserve(out_->text.size());
            const std::size_t decoded_begin = out_->decoded.size();
            out_->decoded += text;
            while (consume('\\')) {
                if (!consume_escape()) return false;
                out_->decoded += consume_unescaped();
            }
            text = std::string_view(out_->decoded).substr(decoded_begin);
        }
        if (!is_next('"'))
            return fail(static_cast<unsigned char>(is_at_end() ? 0 : *at_) < 0x20
                            ? "control character in a string"
                            : "not UTF-8");
        ++at_;
        add(Kind::string, begin, text);
        return true;
    }
    /// Consumes and returns the text up to a quote, an escape, or a byte that is not allowed in a
    /// string.
    std::string_view consume_unescaped() {
        const char* const begin = at_;
        while (at_ != end_) {
            at_ += detail::plain_prefix(left());
            if (at_ == end_ || *at_ == '"' || *at_ == '\\') break;
            const std::size_t length =
                static_cast<unsigned char>(*at_) < 0x20 ? 0 : detail::utf8_length(left());
            if (length == 0) break;
            at_ += length;
        }
        return {begin, static_cast<std::size_t>(at_ - begin)};
    }
    bool consume_escape() {
        constexpr std::string_view letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
        if (consume('u')) return consume_code_point();
        const auto place = is_at_end() ? letters.npos : letters.find(*at_);
        if (place == letters.npos) return fail("unknown escape");
        out_->decoded += meant[place];
        ++at_;
        return true;
    }
    bool consume_code_point() {
        const auto is_within = [](std::uint32_t unit, std::uint32_t first) {
            return unit >= first && unit < first + 0x400;
        };
        std::uint32_t point = 0, low = 0;
        if (!take_code_unit(point)) return false;
        if (is_within(point, 0xDC00)) return fail("surrogate without its other half");
        if (is_within(point, 0xD800)) {
            if (!left().starts_with("\\u")) return fail("surrogate without its other half");
            at_ += 2;
            if (!take_code_unit(low)) return false;
            if (!is_within(low, 0xDC00)) return fail("surrogate without its other half");
            point = 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
        }
        detail::append_utf8(out_->decoded, point);
        return true;
    }
    bool take_code_unit(std::uint32_t& unit) {
        constexpr std::ptrdiff_t digits = 4;
        if (end_ - at_ >= digits &&
            std::from_chars(at_, at_ + digits, unit, 16).ptr == at_ + digits) {
            at_ += digits;
            return true;
        }
        return fail("escape without its four hexadecimal digits");
    }

    std::string_view name(std::size_t token) const { return out_->tokens[token].text; }
    /// Fails if two names are equal. If there are few names, compares all pairs. If there are many
    /// names, sorts them first, unless they are already in order, as in text that the codec wrote.
    bool expect_distinct_names(std::size_t object) {
        constexpr std::size_t few = 8;
        if (out_->tokens[object].size > few) return expect_many_distinct_names(object);
        for (std::size_t i = object + 1; i < out_->tokens.size(); i = out_->tokens[i + 1].next)
            for (std::size_t j = object + 1; j < i; j = out_->tokens[j + 1].next)
                if (name(i) == name(j)) return fail_twice(i);
        return true;
    }
    bool fail_twice(std::size_t token) {
        fail_at(out_->tokens[token].offset, "");
        out_->error->reason = "duplicate key \"" + std::string(name(token)) + '"';
        return false;
    }
    CRDT_NOINLINE bool expect_many_distinct_names(std::size_t object) {
        out_->names.clear();
        bool ascend = true;
        for (std::size_t i = object + 1; i < out_->tokens.size(); i = out_->tokens[i + 1].next) {
            ascend = ascend && (out_->names.empty() || name(out_->names.back()) < name(i));
            out_->names.push_back(i);
        }
        if (ascend) return true;
        std::sort(out_->names.begin(), out_->names.end(), [&](std::size_t a, std::size_t b) {
            const int order = name(a).compare(name(b));
            return order != 0 ? order < 0 : a < b;
        });
        const auto twice =
            std::adjacent_find(out_->names.begin(), out_->names.end(),
                               [&](std::size_t a, std::size_t b) { return name(a) == name(b); });
        return twice == out_->names.end() || fail_twice(*(twice + 1));
    }

  public:
    /// Parses `out.text`. All other members of `out` must be empty.
    explicit Parser(ParsedText& out)
        : out_(&out), at_(out.text.data()), end_(at_ + out.text.size()) {}

    /// Parses the text. If the text is rejected, sets `out.error` and returns false.
    bool parse() {
        if (left().starts_with("\xEF\xBB\xBF")) at_ += 3;
        if (!parse_value()) return false;
        while (depth_ > 0) {
            const std::size_t container = open_[depth_ - 1];
            const bool is_object = out_->tokens[container].kind == Kind::object;
            skip_spaces();
            if (consume(is_object ? '}' : ']')) {
                if (!close(container)) return false;
                continue;
            }
            if (out_->tokens[container].size++ > 0 && !consume(','))
                return fail(is_object ? "expected ',' or '}'" : "expected ',' or ']'");
            if (is_object && !parse_name()) return false;
            if (!parse_value()) return false;
        }
        skip_spaces();
        return is_at_end() || fail("trailing bytes");
    }
};

}  // namespace crdt::json::detail
