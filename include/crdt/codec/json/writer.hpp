// SPDX-License-Identifier: MIT
//! The JSON codec's Writer: writes values directly as text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <crdt/codec/json/bytes_text.hpp>
#include <crdt/codec/json/text.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/detail/inlining.hpp>

namespace crdt::json {

class Writer;

/// Appends values to a string. For each value, call serialize(output.root(), value), then
/// output.finish(). Members of an object may be written in any order. In the text they are in
/// ascending order of their names. An Output keeps its memory for the next value, so when it
/// writes many values, it soon stops allocating.
///
/// Cost    O(size of the text). If the members of an object were not written in ascending order,
///         plus a sort of these members
/// Errors  a string that is not UTF-8 throws std::invalid_argument, unless the policy is
///         is_replaced
class Output {
    friend Writer;

    struct Container {
        std::size_t begin;
        std::size_t first_member;
        bool is_object;
        bool ascends;
    };
    struct Member {
        std::size_t begin;
        std::size_t name_end;
        std::size_t end;
    };

    std::string* text_;
    IllFormedUtf8 policy_;
    std::vector<Container> open_{};
    /// The members of all open objects, one object after the other.
    std::vector<Member> members_{};
    std::string unsorted_{};

    /// Compares names after decoding their escapes. Most names have no escapes, and are compared as
    /// written.
    CRDT_NOINLINE static bool is_less(std::string_view a, std::string_view b) {
        const bool has_escapes = a.find('\\') != a.npos || b.find('\\') != b.npos;
        return has_escapes ? unescaped(a) < unescaped(b) : a < b;
    }
    /// Decodes the escapes that append_quoted() writes.
    static std::string unescaped(std::string_view written) {
        constexpr std::string_view letters = "bfnrt", meant = "\b\f\n\r\t";
        std::string text;
        for (std::size_t i = 0; i < written.size(); ++i) {
            if (written[i] != '\\') {
                text += written[i];
            } else if (written[++i] == 'u') {
                text += detail::parse_bytes(written.substr(i + 3, 2), false).value_or("");
                i += 4;
            } else {
                const auto place = letters.find(written[i]);
                text += place == letters.npos ? written[i] : meant[place];
            }
        }
        return text;
    }
    static std::string_view name_in(std::string_view text, const Member& member) {
        return text.substr(member.begin + 1, member.name_end - member.begin - 2);
    }

    CRDT_NOINLINE void open(bool is_object) {
        open_.push_back({text_->size(), members_.size(), is_object, true});
        *text_ += is_object ? '{' : '[';
    }
    CRDT_NOINLINE void close() {
        const Container container = open_.back();
        if (container.is_object) {
            if (members_.size() > container.first_member) members_.back().end = text_->size();
            if (!container.ascends) sort(container);
            members_.resize(container.first_member);
        }
        *text_ += container.is_object ? '}' : ']';
        open_.pop_back();
    }
    /// Closes all open arrays and objects inside the container at `depth`.
    CRDT_NOINLINE void return_to(std::size_t depth) {
        while (open_.size() > depth + 1) close();
    }
    void separate() {
        if (text_->size() > open_.back().begin + 1) *text_ += ',';
    }
    CRDT_NOINLINE void name(std::string_view name) {
        Container& object = open_.back();
        const bool is_first = members_.size() == object.first_member;
        if (!is_first) members_.back().end = text_->size();
        separate();
        Member next{text_->size(), 0, 0};
        append_quoted(*text_, name, policy_);
        next.name_end = text_->size();
        *text_ += ':';
        if (!is_first && object.ascends)
            object.ascends = is_less(name_in(*text_, members_.back()), name_in(*text_, next));
        members_.push_back(next);
    }
    CRDT_NOINLINE void sort(const Container& object) {
        unsorted_.assign(*text_, object.begin);
        for (auto member = members_.begin() + static_cast<std::ptrdiff_t>(object.first_member);
             member != members_.end(); ++member) {
            member->begin -= object.begin;
            member->name_end -= object.begin;
            member->end -= object.begin;
        }
        std::sort(members_.begin() + static_cast<std::ptrdiff_t>(object.first_member),
                  members_.end(), [this](const Member& a, const Member& b) {
                      return is_less(name_in(unsorted_, a), name_in(unsorted_, b));
                  });
        text_->resize(object.begin + 1);
        for (std::size_t i = object.first_member; i < members_.size(); ++i) {
            const Member& member = members_[i];
            if (i > object.first_member) *text_ += ',';
            text_->append(unsorted_, member.begin, member.end - member.begin);
        }
    }

  public:
    /// Makes an Output that appends to `text`. Precondition: `text` outlives this object.
    explicit Output(std::string& text, IllFormedUtf8 policy = IllFormedUtf8::throws)
        : text_(&text), policy_(policy) {}
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    /// Returns a Writer for the next value.
    Writer root();
    /// Ends the value.
    void finish() {
        while (!open_.empty()) close();
    }
    /// Ends a value that an exception has interrupted. The caller must remove the text written so
    /// far.
    void abandon() {
        open_.clear();
        members_.clear();
    }
};

/// Writes a value into a text, at the position of this Writer. serializer.hpp describes the
/// members.
class Writer {
    Output* output_;
    std::size_t depth_;

    std::string& text() { return *output_->text_; }

  public:
    /// This form is text.
    static constexpr bool is_text = true;

    /// A Writer inside `depth` open containers.
    Writer(Output& output, std::size_t depth) : output_(&output), depth_(depth) {}

    /// Writes true or false.
    void boolean(bool value) { text() += value ? "true" : "false"; }
    /// Writes a whole number.
    CRDT_NOINLINE void u64(std::uint64_t value) { detail::append_number(text(), value); }
    /// Writes a whole number.
    CRDT_NOINLINE void i64(std::int64_t value) { detail::append_number(text(), value); }
    /// Writes a number with a fraction or an exponent, "NaN", "Infinity" or "-Infinity".
    CRDT_NOINLINE void f64(double value) { detail::append_double(text(), value); }
    /// Writes a string of two hexadecimal digits for each byte.
    CRDT_NOINLINE void bytes(std::string_view value) { string(detail::bytes_text(value, false)); }
    /// Writes 16 bytes as a UUID, and any other number of bytes as bytes() does.
    CRDT_NOINLINE void fixed_bytes(std::string_view value) {
        string(detail::bytes_text(value, value.size() == 16));
    }
    /// Writes a string. The policy of the Output decides what happens to bytes that are not UTF-8.
    CRDT_NOINLINE void string(std::string_view value) {
        append_quoted(text(), value, output_->policy_);
    }
    /// Writes a string.
    void interned_string(std::string_view value) { string(value); }
    /// Writes null.
    void unit() { text() += "null"; }
    /// Writes null if no value follows.
    void option(bool is_there) {
        if (!is_there) unit();
    }
    /// Begins an array.
    void begin_tuple(std::size_t) { output_->open(false); }
    /// Begins an array.
    void begin_seq(std::size_t) { output_->open(false); }
    /// Closes all open values inside the array. Returns the Writer of the next element.
    CRDT_NOINLINE Writer element() {
        output_->return_to(depth_);
        output_->separate();
        return {*output_, depth_ + 1};
    }
    /// Begins an object, or continues the object that this Writer has begun.
    void begin_struct() {
        if (output_->open_.size() == depth_) output_->open(true);
    }
    /// Closes all open values inside the object, and writes the name of a member. Returns the
    /// Writer of the member's value.
    CRDT_NOINLINE Writer member(std::string_view name) {
        output_->return_to(depth_);
        output_->name(name);
        return {*output_, depth_ + 1};
    }
    /// Begins an object. Its only member, "upper" or "lower", follows.
    void begin_variant(bool) { begin_struct(); }
    /// Writes nothing, because absent parts are absent members.
    void parts(std::uint64_t) {}
    /// Writes a member that is true.
    void flag(std::string_view name) { member(name).boolean(true); }
};

inline Writer Output::root() { return {*this, 0}; }

}  // namespace crdt::json
