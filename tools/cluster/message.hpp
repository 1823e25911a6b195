// SPDX-License-Identifier: MIT
//! Converts a line of JSON to an Envelope of Maelstrom and back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <nlohmann/json.hpp>

namespace cluster {

using json = nlohmann::json;

struct Envelope {
    std::string src;
    std::string dest;
    json body;
};

/// The reason why a line is not a message.
struct BadLine {
    std::string reason;
};

constexpr bool is_client(std::string_view id) { return id.starts_with('c'); }

/// Parses a line of the node `src`. Returns the message, or the reason why the line is not a
/// message. The caller checks whether `dest` exists.
std::variant<Envelope, BadLine> parse_message(std::string_view line, std::string_view src);

/// Returns the line for a node, with its newline.
std::string format_message(std::uint64_t id, const Envelope& message);

/// The body of a reply of type `type` to `request`.
json reply_to(const json& request, std::string_view type);

/// The body of an error reply to `request`.
json error_reply(const json& request, int code, std::string_view text);

}  // namespace cluster
