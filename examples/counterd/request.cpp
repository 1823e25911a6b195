// SPDX-License-Identifier: MIT
#include "request.hpp"

#include <chrono>
#include <utility>

#include <crdt/codec/json/input.hpp>
#include <crdt/codec/json/token.hpp>

namespace counterd {

/// The text of a message.
struct Request::Text {
    /// The text of a request that was kept. Empty if `bytes` refers to the message.
    std::string copy{};
    std::string_view bytes{};
    crdt::json::Input input{};
};

namespace {

Error malformed(const std::string& why) { return {ErrorCode::malformed_request, why}; }
bool is_string(const crdt::json::Token& value) { return value.kind == crdt::json::Kind::string; }
/// Returns whether `text` contains a control character of Unicode: C0, DEL, or C1 (two bytes in
/// UTF-8).
bool has_control(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) return true;
        if (byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
    }
    return false;
}

}  // namespace

Request::Request(std::string_view bytes, const Members& members, std::string required_prefix)
    : required_prefix_(std::move(required_prefix)) {
    if (bytes.size() > longest) throw malformed("the request is longer than 64 kB");
    if (bytes.empty()) return;  // no members
    text_ = std::make_shared<Text>();
    text_->bytes = bytes;
    if (!text_->input.parse(bytes))
        throw malformed("expected a JSON object: " +
                        text_->input.error().to_string().substr(0, 300));
    if (value(root_).kind != crdt::json::Kind::object) throw malformed("expected a JSON object");
    expect_members(members);
}

Request Request::kept(crdt::replication::Time deadline) const {
    Request copy = *this;
    copy.deadline_ = deadline;
    if (!text_) return copy;
    copy.text_ = std::make_shared<Text>();
    copy.text_->copy = text_->bytes;
    copy.text_->bytes = copy.text_->copy;
    copy.text_->input.parse(copy.text_->bytes);
    return copy;
}

Request Request::from_element(std::size_t number, const Members& members) const {
    if (value(number).kind != crdt::json::Kind::object)
        throw malformed("an entry of adds is not a JSON object");
    Request request;
    request.text_ = text_;
    request.root_ = number;
    request.required_prefix_ = required_prefix_;
    request.expect_members(members);
    return request;
}

const Request::Value& Request::value(std::size_t number) const { return text_->input[number]; }

const Request::Value* Request::find(const char* member) const {
    if (!text_) return nullptr;
    const std::size_t found = text_->input.find(root_, member);
    return found == crdt::json::Input::none ? nullptr : &value(found);
}

void Request::expect_members(const Members& members) const {
    for (std::size_t i = root_ + 1; i < value(root_).next; i = value(i + 1).next)
        if (!members.contains(value(i).text))
            throw malformed("unknown member of this verb: '" +
                            std::string(value(i).text.substr(0, 100)) + "'");
}

std::vector<std::size_t> Request::elements(const char* member) const {
    if (!has(member) || find(member)->kind != crdt::json::Kind::array)
        throw malformed(std::string(member) + " is not a list");
    const std::size_t list = text_->input.find(root_, member);
    if (value(list).size > longest_list)
        throw malformed(std::string(member) + " has more than 1000 entries");
    std::vector<std::size_t> elements;
    for (std::size_t i = list + 1; i < value(list).next; i = value(i).next) elements.push_back(i);
    return elements;
}

void Request::expect_name(std::string_view name) const {
    if (name.empty() || name.size() > longest_name || has_control(name))
        throw malformed("invalid name, expected 1 to 200 bytes without control characters");
    if (!name.starts_with(required_prefix_))
        throw malformed("invalid name, expected the prefix " + required_prefix_ +
                        " of this subject");
}

void Request::expect_without(const char* member, std::initializer_list<const char*> others) const {
    for (const char* other : others)
        if (has(other))
            throw malformed(std::string(other) + " and " + member + " exclude each other");
}

std::string Request::text(const char* member) const {
    const Value* value = find(member);
    if (value == nullptr) return {};
    if (!is_string(*value)) throw malformed(std::string(member) + " is not a string");
    return std::string(value->text);
}

std::string Request::part_of_name(const char* member) const {
    std::string part = text(member);
    if (part.size() > longest_name)
        throw malformed(std::string(member) + " is longer than 200 bytes");
    return part;
}

std::string Request::prefix() const {
    if (!has("prefix")) return required_prefix_;
    std::string prefix = part_of_name("prefix");
    if (!prefix.starts_with(required_prefix_))
        throw malformed("prefix does not begin with " + required_prefix_ +
                        ", the prefix of this subject");
    return prefix;
}

std::int64_t Request::integer(const char* member, std::int64_t least, std::int64_t most) const {
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

std::int64_t Request::integer(const char* member, std::int64_t least, std::int64_t most,
                              std::int64_t otherwise) const {
    return has(member) ? integer(member, least, most) : otherwise;
}

std::uint64_t Request::number(const char* member) const {
    const Value* value = find(member);
    const auto number = value != nullptr && value->kind == crdt::json::Kind::number
                            ? crdt::json::parse_whole<std::uint64_t>(value->text)
                            : std::nullopt;
    if (!number) throw malformed(std::string(member) + " is not a number of 64 bits");
    return *number;
}

std::optional<Kind> Request::kind(const char* member) const {
    if (!has(member)) return std::nullopt;
    const std::string kind = text(member);
    for (const Kind each : {Kind::counter, Kind::bounded})
        if (kind == name_of(each)) return each;
    throw malformed(std::string(member) + " is neither counter nor bounded");
}

crdt::replication::Duration Request::timeout() const {
    return std::chrono::milliseconds{integer("timeout_ms", 0, 60'000, 1000)};
}

std::string Request::name() const {
    if (!has("name")) throw malformed("name is missing");
    std::string name = text("name");
    expect_name(name);
    return name;
}

std::vector<std::string> Request::names() const {
    std::vector<std::string> names;
    for (const std::size_t each : elements("names")) {
        if (!is_string(value(each))) throw malformed("an entry of names is not a string");
        expect_name(value(each).text);
        names.emplace_back(value(each).text);
    }
    return names;
}

std::string Request::id() const {
    const std::string id = text("id");
    if (has("id") && (id.empty() || id.size() > longest_id || has_control(id)))
        throw malformed("invalid id, expected 1 to 64 bytes without control characters");
    return id;
}

std::vector<Request> Request::adds() const {
    std::vector<Request> adds;
    for (const std::size_t each : elements("adds")) {
        adds.push_back(from_element(each, {"name", "delta", "kind", "session"}));
        expect_name(adds.back().name());  // with what this request expects of names
    }
    return adds;
}

}  // namespace counterd
