// SPDX-License-Identifier: MIT
//! Request: the checked JSON of a client.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <crdt/codec/json/nlohmann.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/system/error_code.hpp>

#include "counters.hpp"

namespace counterd {

using crdt::system::ErrorCode;
using Error = crdt::system::RequestError;
using Json = nlohmann::json;

/// A request of a client. Invalid input, including null, throws an Error that names what was
/// expected.
class Request {
  public:
    /// The names of members.
    using Members = std::set<std::string_view>;

  private:
    Json body_;
    /// All names must begin with this.
    std::string required_prefix_;

    static Error malformed(const std::string& why) { return {ErrorCode::malformed_request, why}; }
    const Json* find(const char* member) const {
        const auto found = body_.find(member);
        return found == body_.end() ? nullptr : &*found;
    }
    /// Whether `text` contains a control character of Unicode: C0, DEL or C1, which has two bytes.
    static bool has_control(std::string_view text) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto byte = static_cast<unsigned char>(text[i]);
            if (byte < 0x20 || byte == 0x7F) return true;
            if (byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
        }
        return false;
    }
    Request() = default;
    /// Returns an entry of the list `adds`, an object with no members but these.
    Request from_element(const Json& element, const Members& members) const {
        if (!element.is_object()) throw malformed("an entry of adds is not a JSON object");
        Request request;
        request.body_ = element;
        request.required_prefix_ = required_prefix_;
        request.expect_members(members);
        return request;
    }
    void expect_members(const Members& members) const {
        for (const auto& [member, value] : body_.items())
            if (!members.contains(member))
                throw malformed("unknown member of this verb: '" + member.substr(0, 100) + "'");
    }
    const Json& list(const char* member) const {
        const Json& list = *find(member);
        if (!list.is_array()) throw malformed(std::string(member) + " is not a list");
        if (list.size() > longest_list)
            throw malformed(std::string(member) + " has more than 1000 entries");
        return list;
    }
    void expect_name(const std::string& name) const {
        if (name.empty() || name.size() > longest_name || has_control(name))
            throw malformed("invalid name, expected 1 to 200 bytes without control characters");
        if (!name.starts_with(required_prefix_))
            throw malformed("invalid name, expected the prefix " + required_prefix_ +
                            " of this subject");
    }

  public:
    static constexpr std::size_t longest = std::size_t{1} << 16U;
    static constexpr std::size_t longest_name = 200, longest_id = 64;
    /// The limit of the lists in requests and replies.
    static constexpr std::size_t longest_list = 1000;

    /// Parses `bytes`. Throws Error for members other than these. The names in the request must
    /// begin with `required_prefix`.
    Request(std::string_view bytes, const Members& members, std::string required_prefix = "")
        : required_prefix_(std::move(required_prefix)) {
        if (bytes.size() > longest) throw malformed("the request is longer than 64 kB");
        body_ = Json::object();
        if (bytes.empty()) return;  // no members
        auto parsed = crdt::json::parse(bytes);
        if (!parsed)
            throw malformed("expected a JSON object: " + parsed.error().to_string().substr(0, 300));
        body_ = *std::move(parsed);
        if (!body_.is_object()) throw malformed("expected a JSON object");
        expect_members(members);
    }

    bool has(const char* member) const { return find(member) != nullptr; }
    /// Throws Error if it has one of `others` beside `member`.
    void expect_without(const char* member, std::initializer_list<const char*> others) const {
        for (const char* other : others)
            if (has(other))
                throw malformed(std::string(other) + " and " + member + " exclude each other");
    }
    /// Returns the string `member`, or an empty string if there is none.
    std::string text(const char* member) const {
        const Json* value = find(member);
        if (value == nullptr) return {};
        if (!value->is_string()) throw malformed(std::string(member) + " is not a string");
        return value->get<std::string>();
    }
    /// Returns the beginning of a name in the same way.
    std::string part_of_name(const char* member) const {
        std::string part = text(member);
        if (part.size() > longest_name)
            throw malformed(std::string(member) + " is longer than 200 bytes");
        return part;
    }
    /// Returns the prefix of the names that are requested.
    std::string prefix() const {
        if (!has("prefix")) return required_prefix_;
        std::string prefix = part_of_name("prefix");
        if (!prefix.starts_with(required_prefix_))
            throw malformed("prefix does not begin with " + required_prefix_ +
                            ", the prefix of this subject");
        return prefix;
    }
    /// Returns a whole number from `least` to `most`.
    std::int64_t integer(const char* member, std::int64_t least, std::int64_t most) const {
        const Json* value = find(member);
        if (value == nullptr) throw malformed(std::string(member) + " is missing");
        const bool fits = value->is_number_unsigned()
                              ? value->get<std::uint64_t>() <=
                                    static_cast<std::uint64_t>(std::max<std::int64_t>(most, 0))
                              : value->is_number_integer();
        if (!fits || value->get<std::int64_t>() < least || value->get<std::int64_t>() > most)
            throw malformed(std::string(member) + " is not a whole number from " +
                            std::to_string(least) + " to " + std::to_string(most));
        return value->get<std::int64_t>();
    }
    std::int64_t integer(const char* member, std::int64_t least, std::int64_t most,
                         std::int64_t otherwise) const {
        return has(member) ? integer(member, least, most) : otherwise;
    }
    /// Returns a number of 64 bits, which is not negative.
    std::uint64_t number(const char* member) const {
        const Json* value = find(member);
        if (value == nullptr || !value->is_number_unsigned())
            throw malformed(std::string(member) + " is not a number of 64 bits");
        return value->get<std::uint64_t>();
    }
    std::optional<Kind> kind(const char* member = "kind") const {
        if (!has(member)) return std::nullopt;
        const std::string kind = text(member);
        for (const Kind each : {Kind::counter, Kind::bounded})
            if (kind == name_of(each)) return each;
        throw malformed(std::string(member) + " is neither counter nor bounded");
    }
    /// The longest time that a node may wait for what the answer needs.
    crdt::replication::Duration timeout() const {
        return std::chrono::milliseconds{integer("timeout_ms", 0, 60'000, 1000)};
    }

    /// Shortens the timeout by a time that has passed.
    void spend(crdt::replication::Duration passed) {
        const auto rest = (timeout() - passed) / std::chrono::milliseconds{1};
        body_["timeout_ms"] = std::max<std::int64_t>(rest, 0);
    }

    std::string name() const {
        if (!has("name")) throw malformed("name is missing");
        std::string name = text("name");
        expect_name(name);
        return name;
    }
    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const Json& each : list("names")) {
            if (!each.is_string()) throw malformed("an entry of names is not a string");
            names.push_back(each.get<std::string>());
            expect_name(names.back());
        }
        return names;
    }
    /// Returns the id of the request, or an empty string if it has none.
    std::string id() const {
        const std::string id = text("id");
        if (has("id") && (id.empty() || id.size() > longest_id || has_control(id)))
            throw malformed("invalid id, expected 1 to 64 bytes without control characters");
        return id;
    }
    /// Returns the entries of the list `adds`, each with a name, a delta and perhaps a kind.
    std::vector<Request> adds() const {
        std::vector<Request> adds;
        for (const Json& each : list("adds")) {
            adds.push_back(from_element(each, {"name", "delta", "kind"}));
            expect_name(adds.back().name());  // with what this request expects of names
        }
        return adds;
    }
};

}  // namespace counterd
