// SPDX-License-Identifier: MIT
//! Request: the checked JSON of a client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
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
    using Value = crdt::json::Token;
    struct Text {
        /// Empty if the text belongs to the message.
        std::string copy{};
        std::string_view bytes{};
        crdt::json::Input input{};
    };

    std::shared_ptr<Text> text_{};
    /// The number of this object in the text.
    std::size_t root_ = crdt::json::Input::root;
    /// All names must begin with this.
    std::string required_prefix_{};
    std::optional<crdt::replication::Time> deadline_{};

    static Error malformed(const std::string& why) { return {ErrorCode::malformed_request, why}; }
    const Value& value(std::size_t number) const { return text_->input[number]; }
    const Value* find(const char* member) const {
        if (!text_) return nullptr;
        const std::size_t found = text_->input.find(root_, member);
        return found == crdt::json::Input::none ? nullptr : &value(found);
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
    Request() = default;
    /// Returns an object of the text with a number, an entry of the list `adds`.
    Request from_element(std::size_t number, const Members& members) const {
        if (value(number).kind != crdt::json::Kind::object)
            throw malformed("an entry of adds is not a JSON object");
        Request request;
        request.text_ = text_;
        request.root_ = number;
        request.required_prefix_ = required_prefix_;
        request.expect_members(members);
        return request;
    }
    void expect_members(const Members& members) const {
        for (std::size_t i = root_ + 1; i < value(root_).next; i = value(i + 1).next)
            if (!members.contains(value(i).text))
                throw malformed("unknown member of this verb: '" +
                                std::string(value(i).text.substr(0, 100)) + "'");
    }
    /// Calls visit(number) for each entry of a list.
    template <class Visit>
    void visit_list(const char* member, Visit&& visit) const {
        if (!has(member) || find(member)->kind != crdt::json::Kind::array)
            throw malformed(std::string(member) + " is not a list");
        const std::size_t list = text_->input.find(root_, member);
        if (value(list).size > longest_list)
            throw malformed(std::string(member) + " has more than 1000 entries");
        for (std::size_t i = list + 1; i < value(list).next; i = value(i).next) visit(i);
    }
    void expect_name(std::string_view name) const {
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

    /// Parses `bytes`, which must outlive this. Throws Error for members other than these. The
    /// names in the request must begin with `required_prefix`.
    Request(std::string_view bytes, const Members& members, std::string required_prefix = "")
        : required_prefix_(std::move(required_prefix)) {
        if (bytes.size() > longest) throw malformed("the request is longer than 64 kB");
        if (bytes.empty()) return;  // no members
        text_ = std::make_shared<Text>();
        text_->bytes = bytes;
        if (!text_->input.parse(bytes))
            throw malformed("expected a JSON object: " +
                            text_->input.error().to_string().substr(0, 300));
        if (value(root_).kind != crdt::json::Kind::object)
            throw malformed("expected a JSON object");
        expect_members(members);
    }
    /// Returns a copy with its own text and this deadline.
    Request kept(crdt::replication::Time deadline) const {
        Request copy = *this;
        copy.deadline_ = deadline;
        if (!text_) return copy;
        copy.text_ = std::make_shared<Text>();
        copy.text_->copy = text_->bytes;
        copy.text_->bytes = copy.text_->copy;
        copy.text_->input.parse(copy.text_->bytes);
        return copy;
    }
    /// The deadline, if kept() has set one.
    std::optional<crdt::replication::Time> deadline() const { return deadline_; }

    bool has(const char* member) const { return find(member) != nullptr; }
    /// Throws Error if it has one of `others` beside `member`.
    void expect_without(const char* member, std::initializer_list<const char*> others) const {
        for (const char* other : others)
            if (has(other))
                throw malformed(std::string(other) + " and " + member + " exclude each other");
    }
    /// Returns the string `member`, or an empty string if there is none.
    std::string text(const char* member) const {
        const Value* value = find(member);
        if (value == nullptr) return {};
        if (!is_string(*value)) throw malformed(std::string(member) + " is not a string");
        return std::string(value->text);
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
    /// Returns a number of 64 bits, which is not negative.
    std::uint64_t number(const char* member) const {
        const Value* value = find(member);
        const auto number = value != nullptr && value->kind == crdt::json::Kind::number
                                ? crdt::json::parse_whole<std::uint64_t>(value->text)
                                : std::nullopt;
        if (!number) throw malformed(std::string(member) + " is not a number of 64 bits");
        return *number;
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
        std::vector<std::string> names;
        visit_list("names", [&](std::size_t each) {
            if (!is_string(value(each))) throw malformed("an entry of names is not a string");
            expect_name(value(each).text);
            names.emplace_back(value(each).text);
        });
        return names;
    }
    /// Returns the id of the request, or an empty string if it has none.
    std::string id() const {
        const std::string id = text("id");
        if (has("id") && (id.empty() || id.size() > longest_id || has_control(id)))
            throw malformed("invalid id, expected 1 to 64 bytes without control characters");
        return id;
    }
    /// Returns the entries of the list `adds`, each with a name, a delta, and perhaps a kind and a
    /// session.
    std::vector<Request> adds() const {
        std::vector<Request> adds;
        visit_list("adds", [&](std::size_t each) {
            adds.push_back(from_element(each, {"name", "delta", "kind", "session"}));
            expect_name(adds.back().name());  // with what this request expects of names
        });
        return adds;
    }
};

}  // namespace counterd
