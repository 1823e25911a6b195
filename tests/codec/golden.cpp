// SPDX-License-Identifier: MIT
//! Compares the forms of all types with golden files. They change only with the version of
//! documents.
#include "support/golden.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/crdt.hpp>
#include <crdt/replication/message_serializer.hpp>

#include "support/types.hpp"

namespace golden_tests {

using namespace crdt;
using support::pin;

namespace {

std::string hex(const std::string& bytes) {
    std::string text;
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += "0123456789abcdef"[value >> 4U];
        text += "0123456789abcdef"[value & 15U];
    }
    return text;
}

/// Checks that the golden bytes are read as the same state.
template <class T>
void check_read(const crdt::Expected<T>& read, const T& state) {
    REQUIRE(read);
    CHECK(*read == state);
    if constexpr (crdt::Lattice<T>) CHECK(hash_value(*read) == hash_value(state));
}

template <class T>
void pin_forms(const T& state) {
    const std::string name(T::type_name);
    const std::string text = crdt::json::encode(state);
    pin(name + ".v2.json", text);
    check_read(crdt::json::try_decode<T>(text), state);
    const std::string bytes = crdt::binary::encode(state);
    pin(name + ".v2.hex", hex(bytes));
    check_read(crdt::binary::try_decode<T>(bytes), state);
}

}  // namespace

TEST_CASE("codecs: golden files of all types are read and written unchanged") {
    support::for_each_type(
        [](auto row) { pin_forms(support::sample<typename decltype(row)::state_type>()); });
}

TEST_CASE("codecs: golden cursors are read and written unchanged") {
    using Cursors = std::vector<Cursor<>>;
    Text<> text("ann", "hello");
    const Cursors cursors{text.cursor(2, Side::left), text.cursor(2, Side::right),
                          text.cursor(0, Side::left), text.cursor(5, Side::right)};
    check_read(json::try_decode_value<Cursors>(json::encode_value(cursors)), cursors);
    check_read(binary::try_decode_value<Cursors>(binary::encode_value(cursors)), cursors);
    pin("cursor.v2.json", json::encode_value(cursors));
    pin("cursor.v2.hex", hex(binary::encode_value(cursors)));
}

TEST_CASE("codecs: golden messages are read and written unchanged") {
    using Message = replication::Message<GCounter<>>;
    Message message;
    message.from_epoch = replication::Epoch{7};
    message.to_epoch = replication::Epoch{9};
    message.ack = 4;
    message.requests_digest = true;
    GCounter<> delta, known;
    delta.add("n1", 5);
    known.add("n1", 3);
    known.add("n2", 1);
    message.changes = {delta, 2, 6, replication::TransferKind::full_state, /*more_pieces=*/true};
    message.digest = digest(known);
    message.sketch = replication::Sketch::of(delta, {11});
    message.fingerprint = replication::Fingerprint{1, 2, 3};
    message.followed = {{replication::Epoch{8}, 5}, {replication::Epoch{300}, 1}};
    Message opening;
    opening.from_epoch = replication::Epoch{7};
    opening.changes = {delta, 0,
                       6,     replication::TransferKind::bucket_difference,
                       false, replication::Sketch::of(delta, {11})};
    opening.invites_request = opening.answer_pending = true;
    for (const Message& each : {message, opening, Message()}) {
        check_read(crdt::json::try_decode_value<Message>(crdt::json::encode_value(each)), each);
        check_read(crdt::binary::try_decode_value<Message>(crdt::binary::encode_value(each)), each);
    }
    pin("message.v4.json", crdt::json::encode_value(message));
    pin("message.v4.hex", hex(crdt::binary::encode_value(message)));
}

TEST_CASE("codecs: a message of version 1 is refused, and its golden frame is accepted") {
    const std::string message("\x01\x07\x09\x17\x04\x02\x02n1\x03\x02n2\x01\x01\x02n1\x05\x02\x06",
                              21);
    const auto read = crdt::binary::try_decode_value<replication::Message<GCounter<>>>(message);
    REQUIRE_FALSE(read);
    CHECK(read.error().reason == "unknown version");
    const std::string frame = crdt::frame::encode(message, 0xC1);
    pin("frame.v1.hex", hex(frame));
    const auto payload = crdt::frame::decode(frame, 0xC1);
    REQUIRE(payload);
    CHECK(*payload == message);
}

TEST_CASE("codecs: a document of version 1, which names no arguments, is refused") {
    const auto text = json::try_decode<GSet<int>>(R"({"state":[7],"type":"gset","version":1})");
    REQUIRE_FALSE(text);
    CHECK(text.error().to_string() == "unknown version at /version");
    const auto bytes = binary::try_decode<GSet<int>>("\x01\x04gset\x01\x0E");
    REQUIRE_FALSE(bytes);
    CHECK(bytes.error().to_string() == "unknown version at byte 1");
}

TEST_CASE("JSON: malformed causal states are refused with a reason and a position") {
    const auto refusal = [](const std::string& state) {
        const auto result = crdt::json::try_decode<AWSet<int>>(
            R"({"state":)" + state + R"(,"type":"awset<i32,text>","version":2})");
        return result ? "accepted" : result.error().to_string();
    };
    CHECK(refusal(R"({"context":[["a",1]],"store":[[1,[["a",1]]]]})") == "accepted");
    CHECK(refusal(R"({"store":[[1,[["a",2]]]],"context":[["a",1]]})") ==
          "dot in the store that the context lacks at /state");
    CHECK(refusal(R"({"store":[[1,[["a",1]]],[2,[["a",1]]]],"context":[["a",1]]})") ==
          "dot in two places at /state/store");
    CHECK(refusal(R"({"store":[[1,[]]],"context":[]})") == "bottom value in map at /state/store/0");
    CHECK(refusal(R"({"store":[],"context":[["a",0]]})") ==
          "dots count from 1 at /state/context/0");
    CHECK(refusal(R"({"store":[],"context":[["a",5,5]]})") ==
          "range that ends early at /state/context/0");
    CHECK(refusal(R"({"store":[],"context":[["a",1],["a",2]]})") ==
          "not in ascending order at /state/context/1");
    CHECK(refusal(R"({"store":[],"context":[["a"]]})") == "not a range at /state/context/0");
    CHECK(refusal(R"({"store":[],"context":[],"more":1})") == "unknown member at /state/more");
    CHECK(refusal(R"({"context":[["a",1,18446744073709551615]],"store":[]})") == "accepted");
}

}  // namespace golden_tests
