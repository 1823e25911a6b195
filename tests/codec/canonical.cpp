// SPDX-License-Identifier: MIT
//! A decoder accepts one form of each value. If a byte or two of a golden document are changed, the
//! decoder refuses the bytes, or they are the form of the value that it returns.
#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/codec/json/nlohmann.hpp>
#include <crdt/crdt.hpp>
#include <crdt/replication/message_serializer.hpp>

#include "support/neighbours.hpp"
#include "support/types.hpp"

namespace canonical_tests {

using namespace crdt;
using support::byte_values;
using support::check;
using support::Count;
using support::for_each_neighbour;
using support::json_letters;

namespace {

std::string golden(const std::string& name) {
    std::ifstream file(std::string(GOLDEN_DIR) + "/" + name);
    REQUIRE(file);
    std::string text(std::istreambuf_iterator<char>(file), {});
    text.pop_back();  // the end of the line
    return text;
}

std::string unhex(const std::string& digits) {
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2)
        bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    return bytes;
}

/// Messages are tested as values, because transports may change the layout of their text.
template <class T>
void note_value(Count& count, const std::string& text) {
    if (const auto read = json::try_decode_value<T>(text))
        count.note(json::parse(text)->dump(), json::encode_value(*read));
}

/// Returns the same JSON, with the members of each object in reverse order.
nlohmann::ordered_json reversed(const nlohmann::ordered_json& value) {
    if (!value.is_structured()) return value;
    nlohmann::ordered_json result =
        value.is_array() ? nlohmann::ordered_json::array() : nlohmann::ordered_json::object();
    if (value.is_array())
        for (const auto& element : value) result.push_back(reversed(element));
    else
        for (auto member = value.end(); member != value.begin();) {
            --member;
            result[member.key()] = reversed(*member);
        }
    return result;
}

/// Returns other texts of the same value.
template <class T>
void check_layouts(const std::string& text) {
    const auto document = nlohmann::ordered_json::parse(text);
    for (const std::string& other : {reversed(document).dump(), document.dump(2), text + ' '}) {
        CAPTURE(other);
        CHECK_FALSE(json::try_decode<T>(other));
        const auto read = json::try_decode_any_layout<T>(other);
        REQUIRE(read);
        CHECK(json::encode(*read) == text);
    }
}

template <class T>
void check_type() {
    const std::string name(T::type_name);
    CAPTURE(name);
    const std::string text = golden(name + ".v2.json");
    Count documents, values, bytes;
    for_each_neighbour(text, json_letters, [&](const std::string& other) {
        if (const auto read = json::try_decode<T>(other))
            documents.note(other, json::encode(*read));
        if (const auto read = json::try_decode_any_layout<T>(other))
            values.note(nlohmann::json::parse(other).dump(), json::encode(*read));
    });
    check(documents);
    check(values);
    CHECK(values.taken > documents.taken);
    check_layouts<T>(text);
    for_each_neighbour(unhex(golden(name + ".v2.hex")), byte_values, [&](const std::string& other) {
        if (const auto read = binary::try_decode<T>(other))
            bytes.note(other, binary::encode(*read));
    });
    check(bytes);
}

}  // namespace

TEST_CASE(
    "codecs: a golden document with one changed byte is refused or is the form of another state") {
    support::for_each_type([](auto row) { check_type<typename decltype(row)::state_type>(); });
}

TEST_CASE(
    "codecs: a golden message with one changed byte is refused or is the form of another message") {
    using Message = replication::Message<GCounter<>>;
    Message message;  // without a sketch, which is a long list of numbers
    message.from_epoch = replication::Epoch{7};
    message.to_epoch = replication::Epoch{9};
    message.ack = 4;
    message.requests_digest = true;
    message.fingerprint = replication::Fingerprint{1, 2, 3};
    GCounter<> delta;
    delta.add("n1", 5);
    message.changes = {delta, 2, 6, replication::TransferKind::full_state, /*more_pieces=*/true};
    message.digest = digest(delta);
    Count values, bytes;
    for_each_neighbour(json::encode_value(message), json_letters,
                       [&](const std::string& other) { note_value<Message>(values, other); });
    check(values);
    for_each_neighbour(binary::encode_value(message), byte_values, [&](const std::string& other) {
        if (const auto read = binary::try_decode_value<Message>(other))
            bytes.note(other, binary::encode_value(*read));
    });
    check(bytes);
}

}  // namespace canonical_tests
