// SPDX-License-Identifier: MIT
//! Maelstrom's envelope: a line of JSON to an Envelope and back.
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

/// Why a line is no message.
struct BadLine {
    std::string reason;
};

constexpr bool is_client(std::string_view id) { return id.starts_with('c'); }

/// The message on a line that the node `src` wrote, or why it is none.
/// Whether anyone is called `dest` is for the caller to say.
std::variant<Envelope, BadLine> parse_message(std::string_view line, std::string_view src);

/// The line a node receives, with its newline.
std::string format_message(std::uint64_t id, const Envelope& message);

/// The body that answers `request` with `type`.
json reply_to(const json& request, std::string_view type);

/// An error body that answers `request`.
json error_reply(const json& request, int code, std::string_view text);

}  // namespace cluster
