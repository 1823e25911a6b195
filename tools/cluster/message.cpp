// SPDX-License-Identifier: MIT
//! Converts a line of JSON to an Envelope of Maelstrom and back.
#include "message.hpp"

#include <utility>

namespace cluster {
namespace {

bool is_text(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string();
}

/// Returns the error of a parsed line, or an empty text if the line is valid.
std::string fault_of(const json& line, std::string_view src) {
    if (line.is_discarded()) return "a line that is not JSON";
    if (!line.is_object()) return "a line that is not a JSON object";
    for (const auto& item : line.items()) {
        const std::string& key = item.key();
        if (key != "src" && key != "dest" && key != "body" && key != "id")
            return "a message with the unknown top-level key \"" + key + '"';
    }
    if (!is_text(line, "src")) return "a message in which src is not a string";
    if (line["src"].get_ref<const std::string&>() != src)
        return "a message in which src is " + line["src"].dump() + ", not its own";
    if (!is_text(line, "dest")) return "a message in which dest is not a string";
    if (!line.contains("body") || !line["body"].is_object())
        return "a message in which body is not an object";
    if (!is_text(line["body"], "type")) return "a message in which body has no string type";
    if (line.contains("id") && !line["id"].is_number_integer())
        return "a message in which id is not an integer";
    return {};
}

}  // namespace

std::variant<Envelope, BadLine> parse_message(std::string_view line, std::string_view src) {
    json parsed = json::parse(line, nullptr, false);
    if (auto fault = fault_of(parsed, src); !fault.empty()) return BadLine{std::move(fault)};
    return Envelope{std::string(src), std::move(parsed["dest"].get_ref<std::string&>()),
                    std::move(parsed["body"])};
}

std::string format_message(std::uint64_t id, const Envelope& message) {
    // Both names are valid, without characters that JSON escapes.
    return "{\"id\":" + std::to_string(id) + ",\"src\":\"" + message.src + "\",\"dest\":\"" +
           message.dest +
           "\",\"body\":" + message.body.dump(-1, ' ', false, json::error_handler_t::replace) +
           "}\n";
}

json reply_to(const json& request, std::string_view type) {
    json body{{"type", type}};
    if (const auto id = request.find("msg_id"); id != request.end()) body["in_reply_to"] = *id;
    return body;
}

json error_reply(const json& request, int code, std::string_view text) {
    json body = reply_to(request, "error");
    body["code"] = code;
    body["text"] = text;
    return body;
}

}  // namespace cluster
