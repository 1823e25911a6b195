// SPDX-License-Identifier: MIT
//! The JSON codec's Reader: forms from values of nlohmann::json, each refusal with its place.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <crdt/codec/expected.hpp>
#include <crdt/codec/json/bytes_text.hpp>
#include <crdt/codec/serializer.hpp>

namespace crdt::json {

/// Reads a value in a document; form.hpp says what the words mean. Memory: what the values read
/// take, which the document holds already.
class Reader {
    const nlohmann::json* value_;
    std::optional<DecodeError>* error_;
    const Reader* parent_ = nullptr;
    std::string_view name_;
    std::size_t index_ = 0;
    /// The members that were asked for, where expect_eof() will want to know.
    std::vector<std::string_view> read_;

    Reader(const Reader& parent, const nlohmann::json* value, std::string_view name,
           std::size_t index)
        : value_(value), error_(parent.error_), parent_(&parent), name_(name), index_(index) {}

    /// Stands for what is not there.
    static const nlohmann::json* null() {
        static const nlohmann::json value;
        return &value;
    }

    /// The JSON pointer.
    std::string place() const {
        if (parent_ == nullptr) return {};
        std::string text = parent_->place() + '/';
        if (name_.data() == nullptr) return text + std::to_string(index_);
        for (const char letter : name_) {
            if (letter == '~')
                text += "~0";
            else if (letter == '/')
                text += "~1";
            else
                text += letter;
        }
        return text;
    }

    bool expect(bool holds, const char* reason) {
        if (!holds) fail(reason);
        return holds;
    }
    bool expect_integer() {
        return expect(value_->is_number_integer(), "not a whole number below 2^64");
    }
    /// Text gives unsigned numbers for all but negative ones; documents made in memory need not.
    bool is_negative() const {
        return !value_->is_number_unsigned() && value_->get<std::int64_t>() < 0;
    }
    std::string parsed_bytes(bool is_uuid, const char* reason) {
        std::optional<std::string> bytes;
        if (value_->is_string())
            bytes = detail::parse_bytes(value_->get_ref<const std::string&>(), is_uuid);
        expect(bytes.has_value(), reason);
        return std::move(bytes).value_or(std::string());
    }
    bool expect_object() { return expect(value_->is_object(), "not an object"); }
    void note_read(std::string_view name) {
        if (read_.empty()) read_.reserve(16);  // a message's, at once
        read_.push_back(name);
    }
    void expect_known(const auto& names) {
        for (auto member = value_->begin(); member != value_->end() && ok(); ++member) {
            if (std::find(names.begin(), names.end(), member.key()) == names.end())
                Reader(*this, &*member, member.key(), 0).fail("unknown member");
        }
    }

  public:
    static constexpr bool is_text = true;

    /// Takes note of a refusal in `error`.
    Reader(const nlohmann::json& value, std::optional<DecodeError>& error)
        : value_(&value), error_(&error) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    bool ok() const { return !*error_; }
    void fail(const char* reason) {
        if (ok()) *error_ = DecodeError{reason, place()};
    }

    bool boolean() {
        return expect(value_->is_boolean(), "not true or false") && value_->get<bool>();
    }
    std::uint64_t u64() {
        if (!expect_integer() || !expect(!is_negative(), "negative number")) return 0;
        return value_->get<std::uint64_t>();
    }
    std::int64_t i64() {
        if (!expect_integer()) return 0;
        if (is_negative()) return value_->get<std::int64_t>();
        constexpr std::uint64_t greatest = (std::numeric_limits<std::int64_t>::max)();
        const auto value = value_->get<std::uint64_t>();
        return expect(value <= greatest, "number too large") ? static_cast<std::int64_t>(value) : 0;
    }
    double f64() {
        using Limits = std::numeric_limits<double>;
        if (value_->is_number_float()) return value_->get<double>();
        if (*value_ == "NaN") return Limits::quiet_NaN();
        if (*value_ == "Infinity") return Limits::infinity();
        expect(*value_ == "-Infinity", "not a number with a fraction or an exponent");
        return -Limits::infinity();
    }
    std::string bytes() { return parsed_bytes(false, "not bytes in hexadecimal digits"); }
    std::string fixed_bytes(std::size_t size) {
        std::string bytes =
            parsed_bytes(size == 16, size == 16 ? "not a UUID" : "not bytes in hexadecimal digits");
        expect(bytes.size() == size, "another number of bytes");
        return bytes;
    }
    std::string string() {
        if (!expect(value_->is_string(), "not a string")) return {};
        return value_->get_ref<const std::string&>();
    }
    std::string interned_string() { return string(); }
    void unit() { expect(value_->is_null(), "not null"); }
    bool option() const { return !value_->is_null(); }

    void begin_tuple(std::size_t size) {
        expect(value_->is_array() && value_->size() == size, "not an array of as many components");
    }
    std::size_t begin_seq() {
        return expect(value_->is_array(), "not an array") ? value_->size() : 0;
    }
    Reader element(std::size_t index) const {
        const bool is_there = ok() && index < value_->size();
        return Reader(*this, is_there ? &(*value_)[index] : null(), {}, index);
    }

    /// Refuses all but these members.
    void begin_struct(std::initializer_list<std::string_view> names) {
        if (expect_object()) expect_known(names);
    }
    /// `name` must outlive this.
    Reader member(std::string_view name) {
        if (parent_ == nullptr) note_read(name);
        const bool is_open = ok() && expect_object();
        const auto found = is_open ? value_->find(std::string(name)) : value_->end();
        if (found != value_->end()) return Reader(*this, &*found, name, 0);
        Reader(*this, null(), name, 0).fail("not there");
        return Reader(*this, null(), name, 0);
    }
    /// Calls visit(name, its reader) for each member, in ascending order.
    void for_each_member(auto&& visit) {
        if (!expect_object()) return;
        for (auto member = value_->begin(); member != value_->end() && ok(); ++member) {
            Reader reader(*this, &*member, member.key(), 0);
            visit(member.key(), reader);
        }
    }
    bool begin_variant() {
        const auto has_only = [&](const char* side) {
            return value_->is_object() && value_->size() == 1 && value_->contains(side);
        };
        expect(has_only("upper") || has_only("lower"), "not an object with either lower or upper");
        return has_only("upper");
    }
    std::uint64_t parts(const std::vector<std::string_view>& names) {
        std::uint64_t mask = 0;
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (value_->contains(std::string(names[i]))) mask |= std::uint64_t{1} << i;
        }
        return mask;
    }
    /// One that is false would have been left out.
    bool flag(std::string_view name) {
        Reader reader = member(name);
        return reader.expect(reader.boolean(), "not true");
    }
    /// Refuses members of the whole that nobody has read.
    void expect_eof() {
        if (!read_.empty() && ok()) expect_known(read_);
    }
};

/// Runs `read`, which is given a Reader of `json`.
template <class Read>
auto try_decode_with(const nlohmann::json& json, Read&& read)
    -> Expected<std::invoke_result_t<Read, Reader&>> {
    std::optional<DecodeError> error;
    Reader reader(json, error);
    auto value = read(reader);
    reader.expect_eof();
    if (error) return *std::move(error);
    return value;
}

/// The T of which `json` is the form.
template <Serializable T>
Expected<T> try_decode_value(const nlohmann::json& json) {
    return try_decode_with(json, [](Reader& in) { return deserialize<T>(in); });
}

/// Members of an object that may have others.
template <Serializable... T, class... Name>
Expected<std::tuple<T...>> try_decode_members(const nlohmann::json& json, const Name&... names) {
    std::optional<DecodeError> error;
    Reader in(json, error);
    std::tuple<T...> values{deserialize<T>(in.member(names))...};
    if (error) return *std::move(error);
    return values;
}

}  // namespace crdt::json
