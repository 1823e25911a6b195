// SPDX-License-Identifier: MIT
//! The forms of all types, pinned: they change only with the version of documents.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/crdt.hpp>
#include <crdt/replication/message_serializer.hpp>

using namespace crdt;

namespace {

/// Holds `text` against tests/golden/<name>; CRDT_UPDATE_GOLDEN=1 writes a new file.
void pin(const std::string& name, const std::string& text) {
    const std::string path = std::string(GOLDEN_DIR) + "/" + name;
    CAPTURE(path);
    if (std::getenv("CRDT_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text << "\n";
    std::ifstream file(path);
    CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == text + "\n");
}

std::string hex(const std::string& bytes) {
    std::string text;
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += "0123456789abcdef"[value >> 4U];
        text += "0123456789abcdef"[value & 15U];
    }
    return text;
}

/// Whatever equals its golden bytes is read back from them.
template <class T>
void check_read(const crdt::Expected<T>& read, const T& state) {
    REQUIRE(read);
    CHECK(*read == state);
    if constexpr (crdt::Lattice<T>) CHECK(hash_value(*read) == hash_value(state));
}

template <class T>
void pin(const T& state) {
    const std::string name(T::type_name);
    const std::string text = crdt::json::encode(state);
    pin(name + ".v2.json", text);
    check_read(crdt::json::try_decode<T>(text), state);
    const std::string bytes = crdt::binary::encode(state);
    pin(name + ".v2.hex", hex(bytes));
    check_read(crdt::binary::try_decode<T>(bytes), state);
}

}  // namespace

TEST_CASE("codecs: golden files of all types still load and are written alike") {
    GCounter<> grown_only;
    grown_only.add("n1", 3);
    grown_only.add("n2", std::numeric_limits<std::uint64_t>::max());
    pin(grown_only);

    PNCounter<int> both;
    both.add(4, 7);
    both.add(4, -2);
    both.add(-1, std::numeric_limits<std::int64_t>::min());
    pin(both);

    GSet<std::string> words;
    for (const char* word : {"é", "", "a"}) words.insert(word);
    pin(words);

    LexCounter<> lex;
    lex.add("a", 5);
    lex.add("a", -7);
    pin(lex);

    BoundedCounter<> bounded;
    bounded.add("a", 10);
    bounded.transfer("a", "b", 4);
    bounded.subtract("b", 3);
    pin(bounded);

    ResettableCounter<> resettable;
    resettable.add("a", 5);
    resettable.reset("b");
    resettable.add("a", -2);
    pin(resettable);

    TwoPhaseSet<std::string> phases;
    phases.insert("there");
    phases.insert("gone");
    phases.erase("gone");
    pin(phases);

    AWSet<int> adds;
    for (const int element : {5, -1, 7}) adds.insert("a", element);
    adds.erase(-1);
    adds.insert("b", 7);
    pin(adds);

    RWSet<std::string> removes;
    removes.insert("a", "there");
    removes.erase("b", "gone");
    pin(removes);

    Bag<std::string> bag;
    bag.insert("a", "nail", 100);
    bag.erase("a", "nail", 30);
    pin(bag);

    LWWRegister<std::string> last;
    last.assign({{1003, 7}, "a"}, "é");
    pin(last);

    MVRegister<int> values, others;
    values.assign("a", 5);
    others.assign("b", -5);
    values.merge(others);
    pin(values);

    EWFlag<int> enabled;
    enabled.enable(3);
    pin(enabled);

    DWFlag<> disabled;
    disabled.enable("a");
    disabled.disable("b");
    pin(disabled);

    GMap<int, PNCounter<>> grown;
    grown.update(-1, [](auto& counter) { return counter.add("a", -2); });
    pin(grown);

    ORMap<std::string, ORMap<int, MVRegister<bool>>> nested;
    nested.update("outer", [](auto& inner) {
        return inner.update(1, [](auto& value) { return value.set("a", true); });
    });
    nested.update("gone", [](auto& inner) {
        return inner.update(1, [](auto& value) { return value.set("a", true); });
    });
    nested.erase("b", "gone");
    pin(nested);

    RWMap<std::string, EWFlag<>> removable;
    removable.update("a", "on", [](auto& flag) { return flag.enable("a"); });
    removable.erase("a", "gone");
    pin(removable);

    VersionVector<> versions;
    versions.advance_to("a", 18446744073709551615U);
    pin(versions);

    HLC clock;
    clock.receive({1003, 7}, 1003, 0);
    pin(clock);
}

TEST_CASE("codecs: golden messages still load and are written alike") {
    using Message = replication::Message<GCounter<>>;
    Message message;
    message.from_epoch = 7;
    message.to_epoch = 9;
    message.ack = 4;
    message.wants_digest = true;
    GCounter<> delta, known;
    delta.add("n1", 5);
    known.add("n1", 3);
    known.add("n2", 1);
    message.changes = {delta, 2, 6};
    message.digest = digest(known);
    message.sketch = replication::Sketch::of(delta, {11});
    message.fingerprint = replication::Fingerprint{1, 2, 3};
    for (const Message& each : {message, Message()}) {
        check_read(crdt::json::try_decode_value<Message>(crdt::json::encode_value(each)), each);
        check_read(crdt::binary::try_decode_value<Message>(crdt::binary::encode_value(each)), each);
    }
    pin("message.v2.json", crdt::json::encode_value(message).dump());
    pin("message.v2.hex", hex(crdt::binary::encode_value(message)));
}

TEST_CASE("codecs: a message of version 1 is refused, the golden frame around one is not") {
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

TEST_CASE("codecs: a document of version 1 names no arguments, and is refused") {
    const auto text = json::try_decode<GSet<int>>(R"({"state":[7],"type":"gset","version":1})");
    REQUIRE_FALSE(text);
    CHECK(text.error().to_string() == "unknown version at /version");
    const auto bytes = binary::try_decode<GSet<int>>("\x01\x04gset\x01\x0E");
    REQUIRE_FALSE(bytes);
    CHECK(bytes.error().to_string() == "unknown version at byte 1");
}

TEST_CASE("JSON: hostile causal states are refused with a reason and a place") {
    const auto refusal = [](const std::string& state) {
        const auto result = crdt::json::try_decode<AWSet<int>>(
            R"({"state":)" + state + R"(,"type":"awset<i32,text>","version":2})");
        return result ? "accepted" : result.error().to_string();
    };
    CHECK(refusal(R"({"context":[["a",1]],"store":[[1,[["a",1]]]]})") == "accepted");
    CHECK(refusal(R"({"store":[[1,[["a",2]]]],"context":[["a",1]]})") ==
          "a dot in the store that the context lacks at /state");
    CHECK(refusal(R"({"store":[[1,[["a",1]]],[2,[["a",1]]]],"context":[["a",1]]})") ==
          "a dot in two places at /state/store/1");
    CHECK(refusal(R"({"store":[[1,[]]],"context":[]})") == "bottom value in map at /state/store/0");
    CHECK(refusal(R"({"store":[],"context":[["a",0]]})") ==
          "dots count from 1 at /state/context/0");
    CHECK(refusal(R"({"store":[],"context":[["a",5,5]]})") ==
          "a range that ends early at /state/context/0");
    CHECK(refusal(R"({"store":[],"context":[["a",1],["a",2]]})") ==
          "not in ascending order at /state/context/1");
    CHECK(refusal(R"({"store":[],"context":[["a"]]})") == "not a range at /state/context/0");
    CHECK(refusal(R"({"store":[],"context":[],"more":1})") == "unknown member at /state/more");
    CHECK(refusal(R"({"context":[["a",1,18446744073709551615]],"store":[]})") == "accepted");
}
