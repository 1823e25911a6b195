// SPDX-License-Identifier: MIT
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/binary_reader.hpp>
#include <crdt/codec/binary_writer.hpp>
#include <crdt/codec/form_message.hpp>
#include <crdt/crdt.hpp>

using namespace crdt;

namespace {

/// Bytes that may hold zeros.
template <std::size_t Size>
std::string bytes(const char (&text)[Size]) {
    return std::string(text, Size - 1);
}

template <class T>
std::string refusal(const std::string& input) {
    const auto result = binary::try_read<T>(input);
    return result ? "accepted" : result.error().text();
}

template <class T>
void check_round_trip(T value, const std::string& expected) {
    CHECK(binary::write(value) == expected);
    const auto read = binary::try_read<T>(expected);
    REQUIRE(read);
    CHECK(*read == value);
}

}  // namespace

TEST_CASE("binary: numbers are as short as can be, up to both ends") {
    check_round_trip<std::uint64_t>(0, bytes("\0"));
    check_round_trip<std::uint64_t>(127, "\x7F");
    check_round_trip<std::uint64_t>(128, "\x80\x01");
    check_round_trip<std::uint64_t>(std::numeric_limits<std::uint64_t>::max(),
                                    "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01");
    check_round_trip<std::int64_t>(-1, "\x01");
    check_round_trip<std::int64_t>(1, "\x02");
    check_round_trip<std::int64_t>(std::numeric_limits<std::int64_t>::min(),
                                   "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01");
    check_round_trip<std::int64_t>(std::numeric_limits<std::int64_t>::max(),
                                   "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01");
    check_round_trip<std::int8_t>(-128, "\xFF\x01");
    check_round_trip<std::string>(bytes("a\0\xFF"), bytes("\x03"
                                                          "a\0\xFF"));
}

TEST_CASE("binary: whole keys are written by their gaps, over the whole range") {
    GSet<std::int64_t> ends;
    ends.insert(std::numeric_limits<std::int64_t>::min());
    ends.insert(std::numeric_limits<std::int64_t>::max());
    CHECK(*binary::try_read<GSet<std::int64_t>>(binary::write(ends)) == ends);

    GSet<std::uint64_t> dense;
    for (std::uint64_t i = 0; i < 1000; ++i) dense.insert(1000000 + i);
    CHECK(binary::size(dense) == 2 + 3 + 999);
    CHECK(refusal<GSet<std::uint8_t>>(bytes("\x02\xF0\x01\x0F")) == "number too large at byte 4");
    CHECK(refusal<GSet<std::uint8_t>>(bytes("\x02\xF0\x01\x0E")) == "accepted");
}

TEST_CASE("binary: a replica's name is written once in a document") {
    AWSet<std::uint64_t> set;
    for (std::uint64_t i = 0; i < 100; ++i) set.add("a-replica-with-a-long-name", i);
    CHECK(binary::size(set) < 26 + 100 * 7);
    CHECK(*binary::try_read<AWSet<std::uint64_t>>(binary::write(set)) == set);
}

TEST_CASE("binary: everything hostile is refused with a reason and a place") {
    CHECK(refusal<std::uint64_t>("") == "ends too early at byte 0");
    CHECK(refusal<std::uint64_t>("\x80") == "ends too early at byte 1");
    CHECK(refusal<std::uint64_t>(bytes("\x80\0")) ==
          "a number in more bytes than it needs at byte 2");
    CHECK(refusal<std::uint64_t>("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02") ==
          "number too large at byte 10");
    CHECK(refusal<std::uint64_t>("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01") ==
          "number too large at byte 10");
    CHECK(refusal<std::uint8_t>("\x80\x02") == "number too large at byte 2");
    CHECK(refusal<std::uint64_t>("\x01\x01") == "more than was expected at byte 1");
    CHECK(refusal<bool>("\x02") == "not true or false at byte 1");
    CHECK(refusal<std::string>("\x02"
                               "a") == "a text that is longer than what is left at byte 1");
    CHECK(refusal<Unit>("\x01") == "not nothing at byte 1");

    using Set = GSet<std::string>;
    CHECK(refusal<Set>(bytes("\x02\x01"
                             "b\x01"
                             "a")) == "not in ascending order at byte 5");
    CHECK(refusal<Set>(bytes("\x02\0\0")) == "not in ascending order at byte 3");
    using Counter = GCounter<>;
    CHECK(refusal<Counter>(bytes("\x01\x01"
                                 "a\0")) == "an entry that says nothing at byte 4");
    using Dots = CausalContext<>;
    CHECK(refusal<Dots>(bytes("\x01\x02\x01\x05")) == "a name that was not said at byte 3");
    CHECK(refusal<Dots>(bytes("\x02\x02\0\x01"
                              "a\x05\x02\0\x01"
                              "a\x07")) == "a name that was said before at byte 10");
    CHECK(refusal<Dots>(bytes("\x02\x02\0\x01"
                              "a\x05\x02\x01\x07")) == "accepted");
    CHECK(refusal<replication::Message<Counter>>(bytes("\x02\x01\0\0")) ==
          "a version newer than this one at byte 1");
    CHECK(refusal<replication::Message<Counter>>(bytes("\x01\x01\0\x80\x80\x01")) ==
          "an unknown part at byte 6");
}

TEST_CASE("binary: a number in superfluous bytes is refused, whatever follows") {
    for (const std::uint64_t value : {0U, 1U, 127U, 128U, 300U, 1U << 20U, 1U << 31U}) {
        const std::string shortest = binary::write(value);
        for (std::size_t padding = 0; shortest.size() + padding <= 9; ++padding) {
            std::string longer = shortest;
            for (std::size_t i = 0; i < padding; ++i) {
                longer.back() = static_cast<char>(longer.back() | '\x80');
                longer += '\0';
            }
            for (std::size_t following = 0; following <= 9; ++following) {
                CAPTURE(value);
                CAPTURE(padding);
                CAPTURE(following);
                const std::string input = longer + std::string(following, '\x05');
                binary::Reader reader(input);
                const std::uint64_t read = reader.natural();
                CHECK(reader.ok() == (padding == 0));
                if (padding == 0) CHECK(read == value);
            }
        }
    }
}

TEST_CASE("binary: a document says what it holds") {
    GCounter<> counter;
    counter.add("a", 1);
    const std::string document = binary::encode(counter);
    CHECK(*binary::try_decode<GCounter<>>(document) == counter);
    const auto other = binary::try_decode<PNCounter<>>(document);
    REQUIRE_FALSE(other);
    CHECK(other.error().text() == "another type at byte 10");
}

TEST_CASE("binary: a length is not believed before its bytes are there") {
    const std::string huge = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01";
    CHECK(refusal<GSet<std::string>>(huge) == "a list that is longer than what is left at byte 10");
    CHECK(refusal<std::vector<Unit>>(huge) == "a list that is longer than what is left at byte 10");
    CHECK(refusal<std::string>(huge) == "a text that is longer than what is left at byte 10");
}
