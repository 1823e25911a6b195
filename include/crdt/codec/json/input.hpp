// SPDX-License-Identifier: MIT
//! Input: a checked JSON text and the values in it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include <crdt/codec/expected.hpp>
#include <crdt/codec/json/parser.hpp>
#include <crdt/codec/json/token.hpp>
#include <crdt/detail/inlining.hpp>

namespace crdt::json {

/// A checked JSON text and the positions of its values. The values are in the order of the text.
/// The name of a member comes before its value. Input copies only strings with escapes. An Input
/// keeps its memory for the next text, so when it parses many texts, it soon stops allocating.
///
/// Rejects the following, and reports the position: text that is not RFC 8259 or not UTF-8; two
/// members of an object with the same name; nesting deeper than max_depth; and the whole number -0,
/// which must be written as 0. A byte order mark is skipped.
///
/// Cost    time O(n), or O(n log n) if the names of an object are not in ascending order; memory at
///         most 50 bytes for each byte of text; no recursion
class Input {
    /// Most texts of requests have at most this number of values and names.
    static constexpr std::size_t few = 16;

    detail::ParsedText parsed_;

  public:
    /// The result of find() if there is no such member.
    static constexpr std::size_t none = (std::numeric_limits<std::size_t>::max)();
    /// The number of the outermost value.
    static constexpr std::size_t root = 0;

    /// An Input without a text.
    Input() = default;
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    /// Parses `text`, which replaces the text before. Returns false if the text is malformed.
    /// Precondition: `text` stays valid while the Input is used.
    CRDT_NOINLINE bool parse(std::string_view text) {
        parsed_.text = text;
        parsed_.tokens.clear();
        if (parsed_.tokens.capacity() == 0) parsed_.tokens.reserve((std::min)(text.size(), few));
        parsed_.decoded.clear();
        parsed_.error.reset();
        return detail::Parser(parsed_).parse();
    }
    /// Returns the reason why parse() rejected the text. Precondition: parse() returned false.
    const DecodeError& error() const { return *parsed_.error; }

    /// Returns the token with the number `token`.
    const Token& operator[](std::size_t token) const { return parsed_.tokens[token]; }
    /// `object` is the number of the token of an object. Returns the number of the token of the
    /// value of its member `name`, or `none` if there is no such member.
    CRDT_NOINLINE std::size_t find(std::size_t object, std::string_view name) const {
        if (parsed_.tokens[object].kind != Kind::object) return none;
        for (std::size_t i = object + 1; i < parsed_.tokens[object].next;
             i = parsed_.tokens[i + 1].next)
            if (parsed_.tokens[i].text == name) return i + 1;
        return none;
    }
    /// Marks the value as read.
    void mark_read(std::size_t token) { parsed_.tokens[token].is_read = true; }

    /// Returns the JSON pointer of a value, such as "/state/n1".
    CRDT_NOINLINE std::string pointer(std::size_t token) const {
        std::string text;
        for (std::size_t at = root; at != token;) {
            const bool is_object = parsed_.tokens[at].kind == Kind::object;
            std::size_t child = at + 1, index = 0;
            for (; next_of(child, is_object) <= token; ++index) child = next_of(child, is_object);
            if (is_object)
                append_name(text, parsed_.tokens[child].text);
            else
                text += '/' + std::to_string(index);
            at = value_of(child, is_object);
        }
        return text;
    }
    /// Appends a member's name to a JSON pointer.
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
    /// Returns the number of a value. `child` is the number of an element, or of the name of a
    /// member.
    static std::size_t value_of(std::size_t child, bool is_member) {
        return is_member ? child + 1 : child;
    }
    std::size_t next_of(std::size_t child, bool is_member) const {
        return parsed_.tokens[value_of(child, is_member)].next;
    }
};

}  // namespace crdt::json
