// SPDX-License-Identifier: MIT
//! Request: the JSON of a client, read with care.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <crdt/maelstrom/error.hpp>

namespace counterd {

using crdt::maelstrom::Error;
using crdt::maelstrom::ErrorCode;
using Json = nlohmann::json;

/// What a client asks. Whatever is not as it must be is an Error that says what.
class Request {
    Json body_;

    static Error malformed(const std::string& why) { return {ErrorCode::malformed_request, why}; }
    const Json* find(const char* member) const {
        const auto found = body_.find(member);
        return found == body_.end() ? nullptr : &*found;
    }
    /// A control character of Unicode: C0, DEL or, in two bytes, C1.
    static bool has_control(std::string_view text) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto byte = static_cast<unsigned char>(text[i]);
            if (byte < 0x20 || byte == 0x7F) return true;
            if (byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
        }
        return false;
    }

  public:
    static constexpr std::size_t longest = std::size_t{1} << 16U;
    static constexpr std::size_t longest_name = 200;

    explicit Request(std::string_view bytes) {
        if (bytes.size() > longest) throw malformed("a request of more than 64 kB");
        // None at all is as good as an empty one.
        body_ = bytes.empty() ? Json::object() : Json::parse(bytes, nullptr, false);
        if (!body_.is_object()) throw malformed("not a JSON object");
    }

    bool has(const char* member) const { return find(member) != nullptr; }
    std::string text(const char* member, const std::string& otherwise = "") const {
        const Json* value = find(member);
        if (value == nullptr) return otherwise;
        if (!value->is_string()) throw malformed(std::string(member) + " is not a string");
        return value->get<std::string>();
    }
    /// Within bounds.
    std::int64_t integer(const char* member, std::int64_t least, std::int64_t most) const {
        const Json* value = find(member);
        if (value == nullptr) throw malformed(std::string(member) + " is missing");
        const bool fits = value->is_number_unsigned()
                              ? value->get<std::uint64_t>() <=
                                    static_cast<std::uint64_t>(std::max<std::int64_t>(most, 0))
                              : value->is_number_integer();
        if (!fits || value->get<std::int64_t>() < least || value->get<std::int64_t>() > most)
            throw malformed(std::string(member) + " is no whole number from " +
                            std::to_string(least) + " to " + std::to_string(most));
        return value->get<std::int64_t>();
    }
    std::int64_t integer(const char* member, std::int64_t least, std::int64_t most,
                         std::int64_t otherwise) const {
        return has(member) ? integer(member, least, most) : otherwise;
    }

    static void expect_name(const std::string& name) {
        if (name.empty() || name.size() > longest_name || has_control(name))
            throw malformed("a name has 1 to 200 bytes and no control characters");
    }
    std::string name() const {
        if (!has("name")) throw malformed("name is missing");
        std::string name = text("name");
        expect_name(name);
        return name;
    }
    std::vector<std::string> names() const {
        const Json& list = *find("names");
        if (!list.is_array()) throw malformed("names is no list");
        std::vector<std::string> names;
        for (const Json& each : list) {
            if (!each.is_string()) throw malformed("a name is not a string");
            names.push_back(each.get<std::string>());
            expect_name(names.back());
        }
        return names;
    }
};

}  // namespace counterd
