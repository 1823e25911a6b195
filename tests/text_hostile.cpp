// SPDX-License-Identifier: MIT
//! Texts that no mutator makes: runs of 2^40 slots, and forms that are refused.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/json.hpp>
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
/// Returns the number as a size, limited to the greatest one.
std::size_t size_of(std::uint64_t number) {
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(number, std::numeric_limits<std::size_t>::max()));
}
/// Both codecs give it back.
void check_codecs(const Text<>& text) {
    CHECK(*crdt::json::try_decode_value<Text<>>(crdt::json::encode_value(text)) == text);
    CHECK(*crdt::binary::try_decode_value<Text<>>(crdt::binary::encode_value(text)) == text);
}

}  // namespace

TEST_CASE("Text: runs of 2^40 slots cost as much as runs of one") {
    const std::string many = std::to_string(std::uint64_t{1} << 40U);
    const auto text = read(R"([["a",[[1,)" + many + R"(,["",0,true],true]],[[1,)" + many +
                           R"(]],[]],["b",[[1,2,["a",77777,false],true]],[],[[1,"ok"]]]])");
    REQUIRE(text);
    Text<> copy = *text;
    CHECK(copy.str() == "ok");
    CHECK(copy.erased().size() == size_of(std::uint64_t{1} << 40U));
    CHECK(range_count(copy) < 10);
    CHECK(part_count(copy) >= size_of((std::uint64_t{1} << 40U) + 1));
    check_codecs(copy);
    copy.insert("c", 1, "!");
    CHECK(copy.str() == "o!k");
    Text<> other;
    CHECK(other.absorb(copy) == copy);
    CHECK(difference(copy, digest(*text)).size() == 0);
    CHECK(copy.compact(copy.erased()).context().size() >= size_of((std::uint64_t{1} << 39U) + 1));
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
