// SPDX-License-Identifier: MIT
//! Texts that no mutator makes: cycles, foreign origins, deep trees, runs of 2^40 slots, and forms
//! that are refused.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/random.hpp>
#include <crdt/text.hpp>

namespace text_hostile_tests {

using crdt::Text;

namespace {

/// A text as JSON: lines and removed dots.
crdt::Expected<Text<>> read(const std::string& lines, const std::string& removed = "[]") {
    return crdt::json::try_decode_value<Text<>>(R"({"removed":)" + removed + R"(,"store":)" +
                                                lines + "}");
}
std::string refusal(const std::string& lines, const std::string& removed = "[]") {
    const auto text = read(lines, removed);
    return text ? "accepted" : text.error().reason;
}
/// Both codecs give it back.
void check_codecs(const Text<>& text) {
    CHECK(*crdt::json::try_decode_value<Text<>>(crdt::json::encode_value(text)) == text);
    CHECK(*crdt::binary::try_decode_value<Text<>>(crdt::binary::encode_value(text)) == text);
}

}  // namespace

TEST_CASE("Text: cycles of origins are not reached, and wait") {
    const auto text =
        read(R"([["a",[[1,2,["a",2,false],false],[3,3,["a",3,true],true]],[],[[1,"xyz"]]]])");
    REQUIRE(text);
    Text<> copy = *text;
    CHECK(copy.empty());
    CHECK(copy.waiting() == 3);
    copy.insert("b", 0, "hi");
    copy.merge(*text);
    CHECK(copy.str() == "hi");
    check_codecs(copy);
    copy.compact(copy.erased());
    CHECK(copy.waiting() == 3);
}

TEST_CASE("Text: slots with parents of unknown replicas wait") {
    const auto text = read(R"([["a",[[1,3,["nobody",9,true],true]],[],[[1,"abc"]]]])");
    REQUIRE(text);
    Text<> reader = *text;
    CHECK(reader.empty());
    CHECK(reader.waiting() == 3);
    // Once their parent is removed, they stand at the start.
    reader.merge(Text<>::from_lattice(Text<>::lattice_type({}, crdt::DotSet<>{{"nobody", 9}})));
    CHECK(reader.str() == "abc");
    CHECK(reader.waiting() == 0);
    check_codecs(reader);
}

TEST_CASE("Text: a million slots, each the child of the one before, need no stack") {
    constexpr std::uint64_t depth = 1'000'000;
    // Alternating sides make each slot a run of its own.
    crdt::detail::SequenceColumns<std::string> columns;
    std::string buffer;
    const crdt::ReplicaName<std::string> ids[] = {"a", "b"};
    for (std::uint64_t i = 0; i < depth; ++i) {
        crdt::detail::Slice<std::string> slice;
        slice.replica = &ids[i % 2];
        slice.first = slice.last = i / 2 + 1;
        slice.status = {true, crdt::detail::SlotContent::value};
        slice.parent_replica = &ids[(i + 1) % 2];
        slice.parent = i == 0 ? 0 : (i - 1) / 2 + 1;
        slice.side = i == 0 || i % 4 < 2 ? crdt::Side::right : crdt::Side::left;
        slice.text = "x";
        columns.add(slice, buffer);
    }
    Text<> text =
        Text<>::from_lattice(Text<>::lattice_type(crdt::DotSequence<>(std::move(columns))));
    CHECK(text.size() == depth);
    CHECK(text.waiting() == 0);
    Text<> other = text;
    other.merge(text.insert("c", depth / 2, "y"));
    other.merge(text.insert("a", 0, "z"));
    other.merge(text.erase(depth / 3, 10));
    CHECK(other.str() == text.str());
    CHECK(other == text);
}

TEST_CASE("Text: runs of 2^40 slots cost as much as runs of one") {
    const std::string many = std::to_string(std::uint64_t{1} << 40U);
    const auto text = read(R"([["a",[[1,)" + many + R"(,["",0,true],true]],[[1,)" + many +
                           R"(]],[]],["b",[[1,2,["a",77777,false],true]],[],[[1,"ok"]]]])");
    REQUIRE(text);
    Text<> copy = *text;
    CHECK(copy.str() == "ok");
    CHECK(copy.erased().size() == std::size_t{1} << 40U);
    CHECK(range_count(copy) < 10);
    CHECK(part_count(copy) > std::size_t{1} << 40U);
    check_codecs(copy);
    copy.insert("c", 1, "!");
    CHECK(copy.str() == "o!k");
    Text<> other;
    CHECK(other.absorb(copy) == copy);
    CHECK(difference(copy, digest(*text)).size() == 0);
    CHECK(copy.compact(copy.erased()).context().size() > std::size_t{1} << 39U);
    CHECK(copy.str() == "o!k");
    const std::string most = std::to_string((std::numeric_limits<std::uint64_t>::max)());
    const auto full =
        read(R"([["a",[[1,)" + most + R"(,["",0,true],false]],[[1,)" + most + R"(]],[]]])");
    REQUIRE(full);
    Text<> last = *full;
    CHECK(last.empty());
    check_codecs(last);
    CHECK_THROWS_AS(last.insert("a", 0, "x"), std::overflow_error);
    last.insert("b", 0, "x");
    CHECK(last.str() == "x");
}

TEST_CASE("Text: forms that are not canonical are refused with a reason") {
    const std::string start = R"(["",0,true])";
    CHECK(refusal(R"([["a",[[1,2,)" + start + R"(,true]],[],[[1,"ab"]]]])") == "accepted");
    CHECK(refusal(R"([["a",[[1,2,)" + start + R"(,true],[2,3,)" + start +
                  R"(,true]],[],[[1,"abc"]]]])") == "not in ascending order");
    CHECK(refusal(R"([["a",[[1,2,)" + start +
                  R"(,true],[3,3,["a",2,true],true]],[],[[1,"abc"]]]])") ==
          "run that continues the one before");
    CHECK(refusal(R"([["a",[[2,3,["a",1,false],true]],[],[[2,"ab"]]]])") == "run that is too long");
    CHECK(refusal(R"([["a",[[1,1,)" + start + R"(,false]],[],[[1,"a"]]]])") ==
          "one slot with a direction");
    CHECK(refusal(R"([["a",[[1,1,["",0,false],true]],[],[[1,"a"]]]])") ==
          "start of the list with a replica or a left side");
    CHECK(refusal(R"([["a",[[1,2,)" + start + R"(,true]],[[1,1]],[[1,"ab"]]]])") ==
          "erased slot with text");
    CHECK(refusal(R"([["a",[[1,2,)" + start + R"(,true]],[],[[1,"a"],[2,"b"]]]])") ==
          "not in ascending order");
    CHECK(refusal(R"([["a",[],[[1,2],[3,3]],[]]])") == "not in ascending order");
    CHECK(refusal(R"([["a",[],[],[]]])") == "line without slots");
    CHECK(refusal(R"([["b",[],[[1,1]],[]],["a",[],[[1,1]],[]]])") == "not in ascending order");
    CHECK(refusal(R"([["a",[],[[1,1]],[]]])", R"([["a",1]])") == "removed dot in the store");
    CHECK(refusal(R"([["a",[],[],[[18446744073709551615,"ab"]]]])") == "number too large");
}

TEST_CASE("Text: two texts under one dot are in conflict") {
    Text<> a("same", "abc"), b("same", "abd"), c("other", "abc");
    CHECK(conflicts(a, b));
    CHECK(conflicts(b, a));
    CHECK_FALSE(conflicts(a, c));
    CHECK_FALSE(conflicts(a, Text<>("same", "ab")));
}

}  // namespace text_hostile_tests
