// SPDX-License-Identifier: MIT
//! Envelope: a message of Maelstrom, which is one JSON object in one line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/codec/expected.hpp>
#include <crdt/codec/json/input.hpp>
#include <crdt/codec/json/reader.hpp>
#include <crdt/codec/serializer.hpp>

namespace crdt::maelstrom {

/// The body of a message, which is a JSON object. A Body refers to the line of the message, so it
/// is valid only until the node receives the next line.
class Body {
    json::Input* input_ = nullptr;
    std::size_t token_ = json::Input::root;

    const json::Token* find(std::string_view name, json::Kind kind) const {
        const std::size_t found = input_->find(token_, name);
        if (found == json::Input::none || (*input_)[found].kind != kind) return nullptr;
        return &(*input_)[found];
    }

  public:
    /// Makes the body of a line that `input` has parsed. `token` is the number of the token of the
    /// body.
    Body(json::Input& input, std::size_t token) : input_(&input), token_(token) {}

    /// Does the body have a member `name`?
    bool contains(std::string_view name) const {
        return input_->find(token_, name) != json::Input::none;
    }
    /// Returns the member `name` if it is a string, otherwise nothing.
    std::optional<std::string_view> text(std::string_view name) const {
        const json::Token* const found = find(name, json::Kind::string);
        return found == nullptr ? std::nullopt : std::optional(found->text);
    }
    /// Returns the member `name` if it is a whole number from -2^63 to 2^63 - 1, otherwise nothing.
    std::optional<std::int64_t> integer(std::string_view name) const {
        const json::Token* const found = find(name, json::Kind::number);
        return found == nullptr ? std::nullopt : json::parse_whole<std::int64_t>(found->text);
    }
    /// Returns the member `name` as a T. If the member is not a T, returns an error with the reason
    /// and the position in the line.
    template <Serializable T>
    Expected<T> get(std::string_view name) const {
        std::optional<DecodeError> error;
        json::Reader in(*input_, error, token_);
        T value = deserialize<T>(in.member(name));
        if (error) return *std::move(error);
        return value;
    }
    /// Calls `read` with a json::Reader of the body, and returns the result of `read` or an error.
    /// A member that `read` does not read is an error.
    template <class Read>
    auto try_decode_with(Read&& read) const {
        return json::try_decode_with(*input_, token_, std::forward<Read>(read));
    }
};

/// A message of Maelstrom.
struct Envelope {
    /// The id of the sender: a node, a client or a service.
    std::string src;
    /// The id of the receiver.
    std::string dest;
    /// The body.
    Body body;
};

/// Parses `line`. Returns an error if `line` is malformed JSON, or if one of the members is
/// missing: the string src, the string dest, or the object body. Ignores other members. The body of
/// the result refers to the tokens in `input`, so `input` must outlive the result.
inline Expected<Envelope> parse_envelope(json::Input& input, std::string_view line) {
    if (!input.parse(line)) return input.error();
    if (input[json::Input::root].kind != json::Kind::object)
        return DecodeError{"expected an object", ""};
    const std::size_t src = input.find(json::Input::root, "src");
    const std::size_t dest = input.find(json::Input::root, "dest");
    const std::size_t body = input.find(json::Input::root, "body");
    if (src == json::Input::none || dest == json::Input::none || body == json::Input::none)
        return DecodeError{"no src, dest or body", ""};
    if (input[src].kind != json::Kind::string) return DecodeError{"expected a string", "/src"};
    if (input[dest].kind != json::Kind::string) return DecodeError{"expected a string", "/dest"};
    if (input[body].kind != json::Kind::object) return DecodeError{"expected an object", "/body"};
    return Envelope{std::string(input[src].text), std::string(input[dest].text), {input, body}};
}

/// Is `id` the id of a client? The id of a client is the letter c, followed by digits. If a node
/// sends a reply to an id outside the network, Maelstrom drops all further messages of the node.
constexpr bool is_client_id(std::string_view id) {
    if (id.size() < 2 || id.front() != 'c') return false;
    for (const char letter : id.substr(1)) {
        if (letter < '0' || letter > '9') return false;
    }
    return true;
}

/// Is `id` the id of a built-in service of Maelstrom?
constexpr bool is_service_id(std::string_view id) {
    return id == "seq-kv" || id == "lin-kv" || id == "lww-kv" || id == "lin-tso";
}

}  // namespace crdt::maelstrom
