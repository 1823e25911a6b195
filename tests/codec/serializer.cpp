// SPDX-License-Identifier: MIT
//! A user's key defines its serializer once, for all codecs (docs/how-to/write-a-type.md).
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/document.hpp>
#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/forms/lattice.hpp>
#include <crdt/codec/forms/ordered.hpp>
#include <crdt/codec/forms/standard.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/codec/json/bytes_text.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/gset.hpp>
#include <crdt/lattice/hash.hpp>
#include <crdt/ormap.hpp>
#include <crdt/random.hpp>
#include <crdt/resettable_counter.hpp>

#include "support/neighbours.hpp"

namespace serializer_tests {

namespace plane {

struct Point {
    int x = 0;
    int y = 0;

    friend auto operator<=>(const Point&, const Point&) = default;
    friend std::uint64_t hash_value(const Point& point) {
        return crdt::hash_combine(crdt::hash_value(point.x), crdt::hash_value(point.y));
    }
};

}  // namespace plane

using plane::Point;

}  // namespace serializer_tests

template <>
struct crdt::Serializer<serializer_tests::Point> {
    static constexpr std::string_view type_name = "point";
    static void write(auto& out, const serializer_tests::Point& point) {
        serialize_tuple(out, point.x, point.y);
    }
    static serializer_tests::Point read(auto& in) {
        const auto [x, y] = deserialize_tuple<int, int>(in);
        return {x, y};
    }
};

namespace serializer_tests {

using namespace crdt;

static_assert(Document<GSet<Point>>);
static_assert(!Document<int>);
static_assert(!Serializable<void*>);

TEST_CASE("form: a user's own type is a key of a set and of a map") {
    GSet<Point> set;
    set.insert({1, -2});
    set.insert({-1, 5});
    CHECK(json::encode_value(set) == "[[-1,5],[1,-2]]");
    CHECK(binary::encode_value(set) == "\x02\x01\x0A\x02\x03");
    CHECK(*json::try_decode<GSet<Point>>(json::encode(set)) == set);
    CHECK(*binary::try_decode<GSet<Point>>(binary::encode(set)) == set);

    ORMap<Point, ResettableCounter<>> map;
    map.update({3, 4}, [](auto& counter) { return counter.add("a", 7); });
    CHECK(*json::try_decode_value<decltype(map)>(json::encode_value(map)) == map);
    CHECK(*binary::try_decode_value<decltype(map)>(binary::encode_value(map)) == map);
}

TEST_CASE("form: repeated keys and wrong members are refused with their position") {
    const auto twice = json::try_decode_value<GSet<Point>>("[[1,2],[1,2]]");
    CHECK(twice.error().to_string() == "not in ascending order at /1");
    const auto text = json::try_decode_value<GSet<Point>>(R"([[1,"2"]])");
    CHECK(text.error().to_string() == "expected a whole number below 2^64 at /0/1");
}

// ---- plain values

namespace {

enum class Color : std::uint8_t { red, green };
enum Level : int { low = -3, high = 300 };
using UUID = std::array<std::byte, 16>;
using Milliseconds = std::chrono::milliseconds;
using Time = std::chrono::time_point<std::chrono::system_clock, Milliseconds>;

UUID uuid() {
    UUID id{};
    for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::byte>(17 * i);
    return id;
}

/// Are both the same value? NaN is the same as NaN, and -0.0 is not the same as 0.0.
template <class T>
bool matches(const T& a, const T& b) {
    if constexpr (std::is_floating_point_v<T>)
        return a != a ? b != b : a == b && std::signbit(a) == std::signbit(b);
    else
        return a == b;
}

/// Checks that both codecs return `value`. Changed bytes must be refused, or be the form of another
/// value.
template <class T>
void check_plain(const T& value, const std::string& text, const std::string& bytes) {
    CAPTURE(text);
    CHECK(json::encode_value(value) == text);
    CHECK(binary::encode_value(value) == bytes);
    CHECK(binary::size(value) == bytes.size());
    const auto from_text = json::try_decode_value<T>(text);
    REQUIRE(from_text);
    CHECK(matches(*from_text, value));
    const auto from_bytes = binary::try_decode_value<T>(bytes);
    REQUIRE(from_bytes);
    CHECK(matches(*from_bytes, value));

    support::Count texts, byte_strings;
    support::for_each_neighbour(text, support::json_letters, [&](const std::string& other) {
        if (const auto read = json::try_decode_value<T>(other))
            texts.note(nlohmann::json::parse(other).dump(), json::encode_value(*read));
    });
    support::for_each_neighbour(bytes, support::byte_values, [&](const std::string& other) {
        if (const auto read = binary::try_decode_value<T>(other))
            byte_strings.note(other, binary::encode_value(*read));
    });
    CAPTURE(texts.example);
    CHECK(texts.wrong == 0);
    CHECK(byte_strings.wrong == 0);
}

/// Returns the reason why the input is refused, or "accepted".
template <class T>
std::string refusal_of_text(const std::string& text) {
    const auto read = json::try_decode_value<T>(text);
    return read ? "accepted" : read.error().to_string();
}
template <class T>
std::string refusal_of_bytes(const std::string& bytes) {
    const auto read = binary::try_decode_value<T>(bytes);
    return read ? "accepted" : read.error().to_string();
}

/// Returns the 8 bytes of a double with these bits, the lowest byte first.
std::string bytes_of(std::uint64_t bits) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(bits >> (8 * i) & 0xFFU);
    return bytes;
}

using Doubles = std::numeric_limits<double>;

}  // namespace

TEST_CASE("plain values: enums are written as numbers") {
    check_plain(Color::green, "1", "\x01");
    check_plain(Level::low, "-3", "\x05");
    check_plain(Level::high, "300", "\xD8\x04");
    check_plain(static_cast<Color>(200), "200", "\xC8\x01");  // a value that a newer program has
    CHECK(refusal_of_text<Color>("256") == "number too large");
    CHECK(refusal_of_text<Color>("-1") == "negative number");
    CHECK(refusal_of_text<Color>("\"green\"") == "expected a whole number below 2^64");
}

TEST_CASE("plain values: doubles are written as the shortest text or as 8 bytes") {
    check_plain(0.5, "0.5", bytes_of(0x3FE0'0000'0000'0000));
    check_plain(0.0, "0.0", bytes_of(0));
    check_plain(-0.0, "-0.0", bytes_of(0x8000'0000'0000'0000));
    check_plain(0.1, "0.1", bytes_of(0x3FB9'9999'9999'999A));
    check_plain(3.0, "3.0", bytes_of(0x4008'0000'0000'0000));
    check_plain(1e300, "1e+300", bytes_of(0x7E37'E43C'8800'759C));
    check_plain(Doubles::denorm_min(), "5e-324", bytes_of(1));
    check_plain(Doubles::infinity(), "\"Infinity\"", bytes_of(0x7FF0'0000'0000'0000));
    check_plain(-Doubles::infinity(), "\"-Infinity\"", bytes_of(0xFFF0'0000'0000'0000));
    check_plain(Doubles::quiet_NaN(), "\"NaN\"", bytes_of(0x7FF8'0000'0000'0000));
    check_plain(-Doubles::quiet_NaN(), "\"NaN\"", bytes_of(0x7FF8'0000'0000'0000));
    check_plain(0.5F, "0.5", bytes_of(0x3FE0'0000'0000'0000));
    check_plain(-std::numeric_limits<float>::infinity(), "\"-Infinity\"",
                bytes_of(0xFFF0'0000'0000'0000));
    check_plain(std::numeric_limits<float>::quiet_NaN(), "\"NaN\"",
                bytes_of(0x7FF8'0000'0000'0000));
}

TEST_CASE("plain values: a NaN of other bits, and a number that a float cannot hold, are refused") {
    for (const std::uint64_t bits : {0x7FF8'0000'0000'0001U, 0xFFF8'0000'0000'0000U,
                                     0x7FF0'0000'0000'0001U, 0xFFFF'FFFF'FFFF'FFFFU}) {
        CHECK(refusal_of_bytes<double>(bytes_of(bits)) == "NaN not in canonical form at byte 8");
        CHECK(refusal_of_bytes<float>(bytes_of(bits)) == "NaN not in canonical form at byte 8");
    }
    CHECK(refusal_of_text<float>("0.1") == "number that a float cannot hold");
    CHECK(refusal_of_text<float>("1e300") == "number that a float cannot hold");
    CHECK(refusal_of_bytes<float>(bytes_of(0x3FB9'9999'9999'999A)) ==
          "number that a float cannot hold at byte 8");
    CHECK(refusal_of_text<double>("3") == "expected a number with a fraction or an exponent");
    CHECK(refusal_of_text<double>("\"nan\"") == "expected a number with a fraction or an exponent");
    CHECK(refusal_of_text<double>("null") == "expected a number with a fraction or an exponent");
    CHECK_FALSE(binary::try_decode_value<double>("1234567"));
}

TEST_CASE(
    "plain values: 8 random bytes are a double that is written back unchanged, or are refused") {
    Random random(7);
    int numbers = 0;
    for (int i = 0; i < 20'000; ++i) {
        const std::uint64_t bits = random.next();
        const auto value = std::bit_cast<double>(bits);
        const auto read = binary::try_decode_value<double>(bytes_of(bits));
        CHECK(read.has_value() == (value == value));
        if (!read) continue;
        ++numbers;
        CHECK(matches(*read, value));
        const auto text = json::encode_value(value);
        CHECK(matches(*json::try_decode_value<double>(text), value));
    }
    CHECK(numbers > 10'000);
}

TEST_CASE("plain values: in JSON bytes are hexadecimal digits, and an array of 16 is a UUID") {
    check_plain(uuid(), "\"00112233-4455-6677-8899-aabbccddeeff\"",
                std::string("\0\x11\x22\x33\x44\x55\x66\x77\x88\x99\xAA\xBB\xCC\xDD\xEE\xFF", 16));
    check_plain(std::array<unsigned char, 3>{0, 1, 255}, "\"0001ff\"",
                std::string("\0\x01\xFF", 3));
    check_plain(std::vector<std::byte>{std::byte{0xAB}, std::byte{0}}, "\"ab00\"",
                std::string("\x02\xAB\0", 3));
    check_plain(std::vector<unsigned char>(), "\"\"", std::string("\0", 1));
    // A vector of 16 bytes is not a UUID.
    std::string digits;
    for (int i = 0; i < 16; ++i) digits += "0f";
    check_plain(std::vector<unsigned char>(16, 0x0F), '"' + digits + '"',
                "\x10" + std::string(16, '\x0F'));
    check_plain(std::byte{7}, "7", "\x07");
    check_plain(std::array<int, 2>{1, -1}, "[1,-1]", "\x02\x01");
}

TEST_CASE("plain values: bytes in another spelling are refused") {
    using Bytes = std::vector<std::byte>;
    using Three = std::array<std::byte, 3>;
    for (const char* text :
         {"\"00112233445566778899aabbccddeeff\"", "\"00112233-4455-6677-8899-AABBCCDDEEFF\"",
          "\"00112233-4455-6677-8899-aabbccddeef\"", "\"0011223344556677-8899-aabb-ccddeeff\"",
          "\"{00112233-4455-6677-8899-aabbccddeeff}\"", "\"-00112233-4455-6677-8899-aabbccddeeff\"",
          "7", "[]", "null"})
        CHECK_MESSAGE(refusal_of_text<UUID>(text) == "expected a UUID", text);
    CHECK(refusal_of_text<UUID>("\"\"") == "wrong number of bytes");
    CHECK(refusal_of_text<UUID>("\"00112233-4455-6677-8899-aabbccddeeff00\"") ==
          "wrong number of bytes");
    CHECK(refusal_of_text<Bytes>("\"AB\"") == "expected bytes in hexadecimal digits");
    CHECK(refusal_of_text<Bytes>("\"abc\"") == "expected bytes in hexadecimal digits");
    CHECK(refusal_of_text<Bytes>("\"0x\"") == "expected bytes in hexadecimal digits");
    CHECK(refusal_of_text<Three>("\"0001\"") == "wrong number of bytes");
    CHECK_FALSE(binary::try_decode_value<UUID>("0123456789"));
    CHECK(refusal_of_text<std::byte>("256") == "number too large");
}

// A bug: if there were too many bytes for an array, they were written past its end.
TEST_CASE_TEMPLATE("plain values: an array of bytes is written without a length", T,
                   std::array<std::byte, 1>, std::array<unsigned char, 3>, UUID,
                   std::array<std::byte, 17>) {
    const std::size_t size = T{}.size();
    for (std::size_t given = 0; given <= 40; ++given) {
        const std::string bytes(given, '\x5A');
        const std::string text = '"' + json::detail::bytes_text(bytes, size == 16) + '"';
        CAPTURE(text);
        CHECK((refusal_of_text<T>(text) == "accepted") == (given == size));
        CHECK((refusal_of_bytes<T>(bytes) == "accepted") == (given == size));
    }
}

TEST_CASE("plain values: pairs, tuples, optionals and vectors are written and read") {
    check_plain(std::pair(7, std::string("a")), "[7,\"a\"]", "\x0E\x01\x61");
    check_plain(std::tuple(true, 1, Color::green), "[true,1,1]", "\x01\x02\x01");
    check_plain(std::optional<int>(), "null", std::string("\0", 1));
    check_plain(std::optional<int>(-1), "-1", "\x01\x01");
    check_plain(std::vector<std::pair<int, bool>>{{1, true}}, "[[1,true]]", "\x01\x02\x01");
    // An optional in an optional has three kinds of values, and each has a form.
    using Nested = std::optional<std::optional<int>>;
    check_plain(Nested(), "[]", std::string("\0", 1));
    check_plain(Nested(std::optional<int>()), "[null]", std::string("\x01\0", 2));
    check_plain(Nested(5), "[5]", "\x01\x01\x0A");
    CHECK(refusal_of_text<Nested>("[1,2]") == "more than one value at /1");
    CHECK(refusal_of_text<Nested>("null") == "expected an array");
    CHECK(refusal_of_text<std::pair<int, int>>("[1]") == "expected an array of as many components");
}

TEST_CASE("plain values: strings of wide characters are written as numbers") {
    check_plain(std::u8string(u8"é"), "\"é\"", "\x02\xC3\xA9");
    check_plain(std::u16string(u"aé"), "[97,233]", "\x02\x61\xE9\x01");
    check_plain(std::u32string(U"\U0001F600"), "[128512]", "\x01\x80\xEC\x07");
    check_plain(std::wstring(L"a"), "[97]", "\x01\x61");
    CHECK(refusal_of_text<std::u16string>("[65536]") == "character too wide at /0");
    CHECK(refusal_of_text<std::u32string>("[4294967296]") == "number too large at /0");
    CHECK(refusal_of_text<std::u16string>("\"a\"") == "expected an array");
}

TEST_CASE("plain values: durations and times are written as counts") {
    check_plain(Milliseconds(-5), "-5", "\x09");
    check_plain(Time(Milliseconds(1000)), "1000", "\xD0\x0F");
    check_plain(std::chrono::duration<double>(0.5), "0.5", bytes_of(0x3FE0'0000'0000'0000));
    CHECK(refusal_of_text<Milliseconds>("1.5") == "expected a whole number below 2^64");
}

}  // namespace serializer_tests
