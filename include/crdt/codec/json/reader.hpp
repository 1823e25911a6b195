// SPDX-License-Identifier: MIT
//! The JSON codec's Reader: reads values from a text, and records the position of a failure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <crdt/codec/expected.hpp>
#include <crdt/codec/json/bytes_text.hpp>
#include <crdt/codec/json/input.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/detail/inlining.hpp>
#include <crdt/detail/parse_double.hpp>

namespace crdt::json {

/// Reads a value from a text. serializer.hpp describes the members. Members of an object may be in
/// any order.
class Reader {
    Input* input_;
    std::optional<DecodeError>* error_;
    /// The number of the value in the Input, or `none` for a missing member.
    std::size_t token_;
    bool is_whole_ = false;
    /// The token and the index of the element that was read last. Elements are mostly read in
    /// order, so the search for the next element begins here.
    std::size_t next_element_ = 0, next_index_ = 0;

    Reader(const Reader& whole, std::size_t token)
        : input_(whole.input_), error_(whole.error_), token_(token) {}

    const Token& value() const {
        static constexpr Token nothing{};
        return token_ == Input::none ? nothing : (*input_)[token_];
    }
    bool is(Kind kind) const { return value().kind == kind; }
    bool expect(bool holds, const char* reason) {
        if (!holds) fail(reason);
        return holds;
    }
    bool expect_object() { return expect(is(Kind::object), "expected an object"); }

    /// Returns the number, if the value is a whole number that fits `Number`.
    template <class Number>
    std::optional<Number> whole() const {
        return is(Kind::number) ? parse_whole<Number>(value().text) : std::nullopt;
    }
    static constexpr const char* not_whole = "expected a whole number below 2^64";
    static constexpr const char* wrong_size = "expected an array of as many components";

    std::string parsed_bytes(bool is_uuid, const char* reason) {
        std::optional<std::string> bytes;
        if (is(Kind::string)) bytes = detail::parse_bytes(value().text, is_uuid);
        expect(bytes.has_value(), reason);
        return std::move(bytes).value_or(std::string());
    }

    /// Calls visit(number) for each member, in the order of the text. `number` is the number of the
    /// token that contains the member's name.
    template <class Visit>
    void for_each_name(Visit&& visit) {
        if (!is(Kind::object)) return;
        for (std::size_t i = token_ + 1; i < value().next && ok(); i = (*input_)[i + 1].next)
            visit(i);
    }

    CRDT_NOINLINE std::vector<std::size_t> ascending_names() {
        std::vector<std::size_t> names;
        const auto is_less = [&](std::size_t a, std::size_t b) {
            return (*input_)[a].text < (*input_)[b].text;
        };
        for_each_name([&](std::size_t name) { names.push_back(name); });
        if (!std::is_sorted(names.begin(), names.end(), is_less))
            std::sort(names.begin(), names.end(), is_less);
        return names;
    }

  public:
    static constexpr bool is_text = true;  ///< this form is text

    /// Reads the value with the number `token`. Stores a failure in `error`.
    Reader(Input& input, std::optional<DecodeError>& error, std::size_t token = Input::root)
        : input_(&input), error_(&error), token_(token), is_whole_(true) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    bool ok() const { return !*error_; }  ///< Is there no failure so far?
    /// Records a failure at this value, unless a failure was recorded before.
    CRDT_NOINLINE void fail(const char* reason) {
        if (ok()) *error_ = DecodeError{reason, input_->pointer(token_)};
    }
    /// Returns the kind of the JSON value.
    Kind kind() const { return value().kind; }
    /// The text of the value. In a string, escapes are decoded.
    std::string_view text() const { return value().text; }

    /// Reads true or false.
    bool boolean() {
        return expect(is(Kind::boolean), "expected true or false") && value().text == "true";
    }
    /// Reads a whole number below 2^64.
    CRDT_NOINLINE std::uint64_t u64() {
        if (const auto number = whole<std::uint64_t>()) return *number;
        return fail(whole<std::int64_t>() ? "negative number" : not_whole), 0;
    }
    /// Reads a whole number of 64 bits with a sign.
    CRDT_NOINLINE std::int64_t i64() {
        if (const auto number = whole<std::int64_t>()) return *number;
        return fail(whole<std::uint64_t>() ? "number too large" : not_whole), 0;
    }
    /// Reads a number with a fraction or an exponent, "NaN", "Infinity" or "-Infinity".
    CRDT_NOINLINE double f64() {
        using Limits = std::numeric_limits<double>;
        const std::string_view text = value().text;
        if (is(Kind::number) && text.find_first_of(".eE") != text.npos) {
            const auto number = crdt::detail::parse_double(text);
            return expect(number.has_value(), "number too large or too small") ? *number : 0;
        }
        const bool is_string = is(Kind::string);
        if (is_string && text == "NaN") return Limits::quiet_NaN();
        if (is_string && text == "Infinity") return Limits::infinity();
        expect(is_string && text == "-Infinity",
               "expected a number with a fraction or an exponent");
        return -Limits::infinity();
    }
    /// Reads a string of two hexadecimal digits for each byte.
    CRDT_NOINLINE std::string bytes() {
        return parsed_bytes(false, "expected bytes in hexadecimal digits");
    }
    /// Reads 16 bytes from a UUID, and any other number of bytes as bytes() does.
    CRDT_NOINLINE std::string fixed_bytes(std::size_t size) {
        std::string bytes = parsed_bytes(
            size == 16, size == 16 ? "expected a UUID" : "expected bytes in hexadecimal digits");
        if (!expect(bytes.size() == size, "wrong number of bytes")) return {};
        return bytes;
    }
    /// Reads a string.
    CRDT_NOINLINE std::string string() {
        if (!expect(is(Kind::string), "expected a string")) return {};
        return std::string(value().text);
    }
    std::string interned_string() { return string(); }        ///< Reads a string.
    void unit() { expect(is(Kind::null), "expected null"); }  ///< Reads null.
    bool option() const { return !is(Kind::null); }           ///< Is the value not null?

    /// Fails unless the value is an array of `size` elements.
    void begin_tuple(std::size_t size) {
        expect(is(Kind::array) && value().size == size, wrong_size);
    }
    /// Returns the number of elements of an array. Fails for any other value.
    std::size_t begin_seq() {
        return expect(is(Kind::array), "expected an array") ? value().size : 0;
    }
    /// Returns the Reader of the element with the number `index`.
    CRDT_NOINLINE Reader element(std::size_t index) {
        if (!expect(is(Kind::array) && index < value().size, wrong_size) || !ok())
            return Reader(*this, Input::none);
        if (next_element_ == 0 || index < next_index_) {
            next_element_ = token_ + 1;
            next_index_ = 0;
        }
        for (; next_index_ < index; ++next_index_) next_element_ = (*input_)[next_element_].next;
        return Reader(*this, next_element_);
    }

    /// Fails if the object has a member with a name that is not in `names`.
    CRDT_NOINLINE void begin_struct(std::initializer_list<std::string_view> names) {
        expect_object();
        for_each_name([&](std::size_t name) {
            if (std::find(names.begin(), names.end(), (*input_)[name].text) == names.end())
                Reader(*this, name + 1).fail("unknown member");
        });
    }
    /// Returns the Reader of the member `name`. Fails if the object has no such member.
    CRDT_NOINLINE Reader member(std::string_view name) {
        if (!ok() || !expect_object()) return Reader(*this, Input::none);
        const std::size_t found = input_->find(token_, name);
        if (found == Input::none) {
            fail("missing member");
            Input::append_name((*error_)->where, name);
        } else if (is_whole_) {
            input_->mark_read(found);
        }
        return Reader(*this, found);
    }
    /// Calls visit(name, reader of the value) for each member, in ascending order of the names.
    void for_each_member(auto&& visit) {
        if (!expect_object()) return;
        for (const std::size_t name : ascending_names()) {
            if (!ok()) return;
            Reader reader(*this, name + 1);
            visit(std::string((*input_)[name].text), reader);
        }
    }
    /// Returns true if the only member of the object is "upper", and false if it is "lower". Fails
    /// for any other object.
    CRDT_NOINLINE bool begin_variant() {
        const bool has_one = is(Kind::object) && value().size == 1;
        const std::string_view side = has_one ? (*input_)[token_ + 1].text : "";
        expect(side == "upper" || side == "lower", "expected an object with lower or upper");
        return side == "upper";
    }
    /// Returns a mask: bit i is set if the object has the member names[i].
    CRDT_NOINLINE std::uint64_t parts(const std::vector<std::string_view>& names) {
        std::uint64_t mask = 0;
        if (token_ == Input::none) return mask;
        for (std::size_t i = 0; i < names.size(); ++i)
            if (input_->find(token_, names[i]) != Input::none) mask |= std::uint64_t{1} << i;
        return mask;
    }
    /// Reads a flag that parts() has found. Fails if the flag is false, because the Writer omits
    /// such a flag.
    bool flag(std::string_view name) {
        Reader reader = member(name);
        return reader.expect(reader.boolean(), "expected true");
    }
    /// Fails if some members of the whole value were read and others were not.
    CRDT_NOINLINE void expect_eof() {
        bool any = false;
        for_each_name([&](std::size_t name) { any |= (*input_)[name + 1].is_read; });
        if (!any) return;
        for_each_name([&](std::size_t name) {
            if (!(*input_)[name + 1].is_read) Reader(*this, name + 1).fail("unknown member");
        });
    }
};

/// Calls `read` with a Reader of the value with the number `token`.
template <class Read>
auto try_decode_with(Input& input, std::size_t token, Read&& read)
    -> Expected<std::invoke_result_t<Read, Reader&>> {
    std::optional<DecodeError> error;
    Reader reader(input, error, token);
    auto value = read(reader);
    reader.expect_eof();
    if (error) return *std::move(error);
    return value;
}

}  // namespace crdt::json
