// SPDX-License-Identifier: MIT
//! The strict JSON parser, the one of the codec, the Maelstrom node and the service.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <crdt/codec/expected.hpp>
#include <crdt/codec/json/text.hpp>
#include <crdt/detail/noinline.hpp>

namespace crdt::json {

/// How deep arrays and objects may be nested.
inline constexpr std::size_t max_depth = 64;

/// What a value is.
enum class Kind : char { null, boolean, number, string, array, object };

/// A value in a text, or the name of a member.
struct Token {
    /// Of a string what it means, of all else as it is written.
    std::string_view text{};
    /// Where it begins, in bytes.
    std::size_t offset = 0;
    /// How many elements or members it has.
    std::size_t size = 0;
    /// The number of the first token behind it and all that is in it.
    std::size_t next = 0;
    /// What it is.
    Kind kind = Kind::null;
    /// Was this member asked for?
    bool is_read = false;
};

/// The number that the text of a token is, if it is a whole one of this type.
template <class Number>
std::optional<Number> parse_whole(std::string_view text) {
    Number number{};
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
    return number;
}

/// A text of JSON that was checked, and where the values in it are: in the order of the text, each
/// member's name before its value. Copies nothing but strings with escapes. Keeps its room, so that
/// one Input for many texts allocates nothing in the end.
///
/// Refuses, each with its place: what is not RFC 8259, or not UTF-8; two members of one name;
/// nesting deeper than max_depth; -0, as there is one zero. A byte order mark is skipped.
///
/// Cost    time O(n), O(n log n) where names do not ascend; memory at most 50 bytes for each byte
/// of
///         text; no recursion
class Input {
    std::string_view all_{};
    const char* at_ = nullptr;
    const char* end_ = nullptr;
    std::vector<Token> tokens_{};
    /// Strings that had escapes.
    std::string decoded_{};
    std::array<std::size_t, max_depth> open_{};
    std::size_t depth_ = 0;
    std::vector<std::size_t> names_{};
    std::optional<DecodeError> error_{};

    std::size_t offset() const { return static_cast<std::size_t>(at_ - all_.data()); }
    std::string_view left() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }
    bool is_at_end() const { return at_ == end_; }
    CRDT_NOINLINE bool fail_at(std::size_t place, const char* reason) {
        error_ = DecodeError{reason, "byte " + std::to_string(place)};
        return false;
    }
    bool fail(const char* reason) {
        return fail_at(offset(), is_at_end() ? "unexpected end of input" : reason);
    }

    bool is_next(char symbol) const { return at_ != end_ && *at_ == symbol; }
    bool take(char symbol) {
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
        tokens_.push_back({text, begin, 0, tokens_.size() + 1, kind, false});
    }

    bool parse_document() {
        if (left().starts_with("\xEF\xBB\xBF")) at_ += 3;
        if (!parse_value()) return false;
        while (depth_ > 0) {
            const std::size_t container = open_[depth_ - 1];
            const bool is_object = tokens_[container].kind == Kind::object;
            skip_spaces();
            if (take(is_object ? '}' : ']')) {
                if (!close(container)) return false;
                continue;
            }
            if (tokens_[container].size++ > 0 && !take(','))
                return fail(is_object ? "expected ',' or '}'" : "expected ',' or ']'");
            if (is_object && !parse_name()) return false;
            if (!parse_value()) return false;
        }
        skip_spaces();
        return is_at_end() || fail("trailing bytes");
    }
    /// One that is in no other value, or the beginning of one that has others.
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
        open_[depth_++] = tokens_.size();
        add(kind, offset(), {});
        ++at_;
        return true;
    }
    bool close(std::size_t container) {
        --depth_;
        Token& token = tokens_[container];
        token.next = tokens_.size();
        token.text = all_.substr(token.offset, offset() - token.offset);
        return token.kind == Kind::array || expect_distinct_names(container);
    }
    bool parse_name() {
        skip_spaces();
        if (!is_next('"')) return fail("expected the name of a member");
        if (!parse_string()) return false;
        skip_spaces();
        return take(':') || fail("expected ':'");
    }
    bool parse_word(Kind kind, std::string_view word) {
        if (!left().starts_with(word)) return fail("expected a value");
        add(kind, offset(), word);
        at_ += word.size();
        return true;
    }

    bool take_digits() {
        const char* const begin = at_;
        while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
        return at_ != begin;
    }
    bool parse_number() {
        const std::size_t begin = offset();
        const bool is_negative = take('-');
        if (!take('0') && !take_digits())
            return fail(is_negative ? "expected a digit" : "expected a value");
        bool is_whole = true;
        if (take('.')) {
            is_whole = false;
            if (!take_digits()) return fail("expected a digit");
        }
        if (take('e') || take('E')) {
            is_whole = false;
            if (!take('+')) static_cast<void>(take('-'));
            if (!take_digits()) return fail("expected a digit");
        }
        const std::string_view text = all_.substr(begin, offset() - begin);
        if (is_whole && text == "-0") return fail_at(begin, "-0, which is written as 0");
        add(Kind::number, begin, text);
        return true;
    }

    bool parse_string() {
        const std::size_t begin = offset();
        ++at_;
        std::string_view text = take_unescaped();
        if (is_next('\\')) {
            // With room for all that is left, what was decoded does not move.
            if (decoded_.empty()) decoded_.reserve(all_.size());
            const std::size_t decoded_begin = decoded_.size();
            decoded_ += text;
            while (take('\\')) {
                if (!take_escape()) return false;
                decoded_ += take_unescaped();
            }
            text = std::string_view(decoded_).substr(decoded_begin);
        }
        if (!is_next('"'))
            return fail(static_cast<unsigned char>(is_at_end() ? 0 : *at_) < 0x20
                            ? "a control character in a string"
                            : "not UTF-8");
        ++at_;
        add(Kind::string, begin, text);
        return true;
    }
    /// Up to a quote, an escape, or what cannot stand in a string.
    std::string_view take_unescaped() {
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
    bool take_escape() {
        constexpr std::string_view letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
        if (take('u')) return take_code_point();
        const auto place = is_at_end() ? letters.npos : letters.find(*at_);
        if (place == letters.npos) return fail("an unknown escape");
        decoded_ += meant[place];
        ++at_;
        return true;
    }
    bool take_code_point() {
        const auto is_within = [](std::uint32_t unit, std::uint32_t first) {
            return unit >= first && unit < first + 0x400;
        };
        std::uint32_t point = 0, low = 0;
        if (!take_code_unit(point)) return false;
        if (is_within(point, 0xDC00)) return fail("a surrogate without its other half");
        if (is_within(point, 0xD800)) {
            if (!left().starts_with("\\u")) return fail("a surrogate without its other half");
            at_ += 2;
            if (!take_code_unit(low)) return false;
            if (!is_within(low, 0xDC00)) return fail("a surrogate without its other half");
            point = 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
        }
        detail::append_utf8(decoded_, point);
        return true;
    }
    bool take_code_unit(std::uint32_t& unit) {
        constexpr std::ptrdiff_t digits = 4;
        if (end_ - at_ >= digits &&
            std::from_chars(at_, at_ + digits, unit, 16).ptr == at_ + digits) {
            at_ += digits;
            return true;
        }
        return fail("an escape without its four hexadecimal digits");
    }

    std::string_view name(std::size_t token) const { return tokens_[token].text; }
    /// A few names are compared in pairs. Many that ascend, as the codec writes them, are distinct;
    /// others are sorted.
    bool expect_distinct_names(std::size_t object) {
        constexpr std::size_t few = 8;
        if (tokens_[object].size > few) return expect_many_distinct_names(object);
        for (std::size_t i = object + 1; i < tokens_.size(); i = tokens_[i + 1].next)
            for (std::size_t j = object + 1; j < i; j = tokens_[j + 1].next)
                if (name(i) == name(j)) return fail_twice(i);
        return true;
    }
    bool fail_twice(std::size_t token) {
        fail_at(tokens_[token].offset, "");
        error_->reason = "duplicate key \"" + std::string(name(token)) + '"';
        return false;
    }
    CRDT_NOINLINE bool expect_many_distinct_names(std::size_t object) {
        names_.clear();
        bool ascend = true;
        for (std::size_t i = object + 1; i < tokens_.size(); i = tokens_[i + 1].next) {
            ascend = ascend && (names_.empty() || name(names_.back()) < name(i));
            names_.push_back(i);
        }
        if (ascend) return true;
        std::sort(names_.begin(), names_.end(), [&](std::size_t a, std::size_t b) {
            const int order = name(a).compare(name(b));
            return order != 0 ? order < 0 : a < b;
        });
        const auto twice =
            std::adjacent_find(names_.begin(), names_.end(),
                               [&](std::size_t a, std::size_t b) { return name(a) == name(b); });
        return twice == names_.end() || fail_twice(*(twice + 1));
    }

  public:
    /// Stands for no token.
    static constexpr std::size_t none = (std::numeric_limits<std::size_t>::max)();
    /// The number of the value that is no part of another.
    static constexpr std::size_t root = 0;

    /// Without a text.
    Input() = default;
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    /// Takes a text in, which must outlive its use; what was here before is gone. False if it is
    /// refused.
    CRDT_NOINLINE bool parse(std::string_view text) {
        all_ = text;
        at_ = text.data();
        end_ = at_ + text.size();
        tokens_.clear();
        decoded_.clear();
        depth_ = 0;
        error_.reset();
        return parse_document();
    }
    /// Why parse() refused a text.
    const DecodeError& error() const { return *error_; }

    /// The token with that number.
    const Token& operator[](std::size_t token) const { return tokens_[token]; }
    /// The value of the member `name` of an object; none if there is no such member.
    CRDT_NOINLINE std::size_t find(std::size_t object, std::string_view name) const {
        if (tokens_[object].kind != Kind::object) return none;
        for (std::size_t i = object + 1; i < tokens_[object].next; i = tokens_[i + 1].next)
            if (tokens_[i].text == name) return i + 1;
        return none;
    }
    /// Takes note that the value was asked for.
    void mark_read(std::size_t token) { tokens_[token].is_read = true; }

    /// The JSON pointer of a value.
    CRDT_NOINLINE std::string pointer(std::size_t token) const {
        std::string text;
        for (std::size_t at = root; at != token;) {
            const bool is_object = tokens_[at].kind == Kind::object;
            std::size_t child = at + 1, index = 0;
            for (; next_of(child, is_object) <= token; ++index) child = next_of(child, is_object);
            if (is_object)
                append_name(text, tokens_[child].text);
            else
                text += '/' + std::to_string(index);
            at = value_of(child, is_object);
        }
        return text;
    }
    /// Appends to a JSON pointer.
    static void append_name(std::string& pointer, std::string_view name) {
        pointer += '/';
        for (const char letter : name) {
            if (letter == '~')
                pointer += "~0";
            else if (letter == '/')
                pointer += "~1";
            else
                pointer += letter;
        }
    }

  private:
    /// `child` is the number of an element, or of a member's name.
    static std::size_t value_of(std::size_t child, bool is_member) {
        return is_member ? child + 1 : child;
    }
    std::size_t next_of(std::size_t child, bool is_member) const {
        return tokens_[value_of(child, is_member)].next;
    }
};

}  // namespace crdt::json
