// SPDX-License-Identifier: MIT
//! Request: the checked JSON of a client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <crdt/codec/json/input.hpp>
#include <crdt/codec/json/nlohmann.hpp>
#include <crdt/codec/json/token.hpp>
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
    std::unique_ptr<crdt::json::Input> text_{};
    const crdt::json::Input* input_ = nullptr;
    /// The number of this object in the text.
    std::size_t root_ = crdt::json::Input::root;

    using Value = crdt::json::Token;

    static Error malformed(const std::string& why) { return {ErrorCode::malformed_request, why}; }
    const Value* find(const char* member) const {
        if (input_ == nullptr) return nullptr;
        const std::size_t found = input_->find(root_, member);
        return found == crdt::json::Input::none ? nullptr : &(*input_)[found];
    }
    static bool is_string(const Value& value) { return value.kind == crdt::json::Kind::string; }
    /// Whether `text` contains a control character of Unicode: C0, DEL or C1, which has two bytes.
    static bool has_control(std::string_view text) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto byte = static_cast<unsigned char>(text[i]);
            if (byte < 0x20 || byte == 0x7F) return true;
            if (byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
        }
        return false;
    }
    void expect_members(const Members& members) const {
        for (std::size_t i = root_ + 1; i < (*input_)[root_].next; i = (*input_)[i + 1].next)
            if (!members.contains((*input_)[i].text))
                throw malformed("unknown member of this verb: '" +
                                std::string((*input_)[i].text.substr(0, 100)) + "'");
    }
    static void expect_name(std::string_view name) {
        if (name.empty() || name.size() > longest_name || has_control(name))
            throw malformed("invalid name, expected 1 to 200 bytes without control characters");
    }

  public:
    static constexpr std::size_t longest = std::size_t{1} << 16U;
    static constexpr std::size_t longest_name = 200;

    /// Parses `bytes`, which must outlive this. Throws Error for members other than these.
    Request(std::string_view bytes, const Members& members) {
        if (bytes.size() > longest) throw malformed("the request is longer than 64 kB");
        if (bytes.empty()) return;  // no members
        text_ = std::make_unique<crdt::json::Input>();
        if (!text_->parse(bytes))
            throw malformed("expected a JSON object: " + text_->error().to_string().substr(0, 300));
        input_ = text_.get();
        if ((*input_)[root_].kind != crdt::json::Kind::object)
            throw malformed("expected a JSON object");
        expect_members(members);
    }

    bool has(const char* member) const { return find(member) != nullptr; }
    /// Returns the string `member`, or an empty string if there is none.
    std::string text(const char* member) const {
        const Value* value = find(member);
        if (value == nullptr) return {};
        if (!is_string(*value)) throw malformed(std::string(member) + " is not a string");
        return std::string(value->text);
    }
    /// Returns the prefix of a name in the same way.
    std::string prefix(const char* member) const {
        std::string prefix = text(member);
        if (prefix.size() > longest_name)
            throw malformed(std::string(member) + " is longer than 200 bytes");
        return prefix;
    }
    /// Returns a whole number from `least` to `most`.
    std::int64_t integer(const char* member, std::int64_t least, std::int64_t most) const {
        const Value* value = find(member);
        if (value == nullptr) throw malformed(std::string(member) + " is missing");
        const auto number = value->kind == crdt::json::Kind::number
                                ? crdt::json::parse_whole<std::int64_t>(value->text)
                                : std::nullopt;
        if (!number || *number < least || *number > most)
            throw malformed(std::string(member) + " is not a whole number from " +
                            std::to_string(least) + " to " + std::to_string(most));
        return *number;
    }
    std::int64_t integer(const char* member, std::int64_t least, std::int64_t most,
                         std::int64_t otherwise) const {
        return has(member) ? integer(member, least, most) : otherwise;
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

    std::string name() const {
        if (!has("name")) throw malformed("name is missing");
        std::string name = text("name");
        expect_name(name);
        return name;
    }
    std::vector<std::string> names() const {
        const Value* list = find("names");
        if (list == nullptr || list->kind != crdt::json::Kind::array)
            throw malformed("names is not a list");
        std::vector<std::string> names;
        const Value* each = list + 1;
        for (std::size_t left = list->size; left > 0; --left) {
            if (!is_string(*each)) throw malformed("a name is not a string");
            expect_name(each->text);
            names.emplace_back((each++)->text);
        }
        return names;
    }
};

}  // namespace counterd
