// SPDX-License-Identifier: MIT
//! Messages from lines: one JSON object a line, {"src", "dest", "body"}.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <crdt/codec/expected.hpp>
#include <crdt/codec/json/parse.hpp>
#include <crdt/maelstrom/message.hpp>
#include <crdt/maelstrom/plain_message.hpp>

namespace crdt::maelstrom {

namespace detail {

/// Takes the parser's events of a line: the envelope's fields straight into a Message, the body
/// through a StrictBuilder, all else nowhere.
class EnvelopeReader final : public nlohmann::json_sax<nlohmann::json> {
    enum class Field { other, src, dest, body };

    Message message_;
    json::detail::StrictBuilder body_;
    Field field_ = Field::other;
    std::array<bool, 4> seen_{};
    std::size_t depth_ = 0;

    bool in_body() const { return depth_ > 1 && field_ == Field::body; }
    bool fail(const char* reason, const char* where) { return body_.fail(reason, where); }

    /// A value that is neither text nor a container.
    template <class Forward>
    bool scalar(Forward&& forward) {
        if (in_body()) return forward();
        if (depth_ == 0) return fail("not an object", "");
        return field_ == Field::other || depth_ > 1 || wrong_field();
    }
    bool wrong_field() {
        if (field_ == Field::body) return fail("not an object", "/body");
        return fail("not a string", field_ == Field::src ? "/src" : "/dest");
    }
    bool open(bool object) {
        if (depth_ == 0 && !object) return fail("not an object", "");
        if (depth_ == 1 && field_ != Field::other && !(field_ == Field::body && object))
            return wrong_field();
        if (depth_ == json::max_depth) return fail("nested too deeply", "");
        ++depth_;
        if (!in_body()) return true;
        return object ? body_.start_object(0) : body_.start_array(0);
    }
    bool close(bool object) {
        if (in_body()) object ? body_.end_object() : body_.end_array();
        --depth_;
        return true;
    }

  public:
    bool null() override {
        return scalar([&] { return body_.null(); });
    }
    bool boolean(bool value) override {
        return scalar([&] { return body_.boolean(value); });
    }
    bool number_integer(number_integer_t value) override {
        return scalar([&] { return body_.number_integer(value); });
    }
    bool number_unsigned(number_unsigned_t value) override {
        return scalar([&] { return body_.number_unsigned(value); });
    }
    bool number_float(number_float_t value, const string_t& text) override {
        return scalar([&] { return body_.number_float(value, text); });
    }
    bool binary(binary_t& value) override { return body_.binary(value); }
    bool string(string_t& value) override {
        if (depth_ != 1 || field_ == Field::other || field_ == Field::body)
            return scalar([&] { return body_.string(value); });
        (field_ == Field::src ? message_.src : message_.dest) = std::move(value);
        return true;
    }
    bool start_object(std::size_t) override { return open(true); }
    bool end_object() override { return close(true); }
    bool start_array(std::size_t) override { return open(false); }
    bool end_array() override { return close(false); }
    bool key(string_t& name) override {
        if (in_body()) return body_.key(name);
        if (depth_ > 1) return true;
        field_ = name == "src"    ? Field::src
                 : name == "dest" ? Field::dest
                 : name == "body" ? Field::body
                                  : Field::other;
        bool& seen = seen_[static_cast<std::size_t>(field_)];
        if (seen && field_ != Field::other) return fail("duplicate key", "");
        return seen = true;
    }
    bool parse_error(std::size_t position, const std::string& token,
                     const nlohmann::json::exception& error) override {
        return body_.parse_error(position, token, error);
    }

    Expected<Message> finish(bool parsed) {
        constexpr std::array fields{Field::src, Field::dest, Field::body};
        for (const Field field : fields) {
            if (parsed && !seen_[static_cast<std::size_t>(field)])
                parsed = fail("no src, dest or body", "");
        }
        if (!parsed) return body_.take_error();
        message_.body = Body(body_.take_root());
        return std::move(message_);
    }
};

}  // namespace detail

/// Reads a line by the parser. Refused are: what is not strict JSON, and what has no src, dest and
/// body object.
inline Expected<Message> parse_strictly(std::string_view line) {
    detail::EnvelopeReader reader;
    return reader.finish(nlohmann::json::sax_parse(line, &reader));
}

/// Reads a line, as parse_strictly does: the parser judges all lines but plain ones, which would
/// pass. The message's body may lie in the line.
inline Expected<Message> parse_message(std::string_view line) {
    if (auto message = parse_plain(line)) return *std::move(message);
    return parse_strictly(line);
}

}  // namespace crdt::maelstrom
