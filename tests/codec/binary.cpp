// SPDX-License-Identifier: MIT
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/binary/names.hpp>
#include <crdt/codec/binary/reader.hpp>
#include <crdt/codec/binary/writer.hpp>
#include <crdt/crdt.hpp>
#include <crdt/replication/message_serializer.hpp>

#include "support/seeds.hpp"

namespace binary_tests {

using namespace crdt;

namespace {

/// Bytes that may hold zeros.
template <std::size_t Size>
std::string bytes(const char (&text)[Size]) {
    return std::string(text, Size - 1);
}

template <class T>
std::string refusal(const std::string& input) {
    const auto result = binary::try_decode_value<T>(input);
    return result ? "accepted" : result.error().to_string();
}

template <class T>
void check_round_trip(T value, const std::string& expected) {
    CHECK(binary::encode_value(value) == expected);
    const auto read = binary::try_decode_value<T>(expected);
    REQUIRE(read);
    CHECK(*read == value);
}

}  // namespace

TEST_CASE("binary: numbers are as short as possible, up to both limits") {
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

namespace {

/// Returns `value` in `size` bytes, which may be more than necessary.
std::string leb128(std::uint64_t value, std::size_t size) {
    std::string number;
    for (std::size_t i = 1; i < size; ++i, value >>= 7U)
        number += static_cast<char>((value & 0x7FU) | 0x80U);
    return number + static_cast<char>(value);
}

/// Reads a number that is followed by `behind` bytes. Returns the number, or the reason why it is
/// refused.
std::string read_number(const std::string& number, std::size_t behind) {
    const auto read =
        binary::try_decode_with(number + std::string(behind, '\1'), [&](binary::Reader& in) {
            const std::uint64_t value = in.u64();
            for (std::size_t i = 0; i < behind; ++i) in.boolean();
            return value;
        });
    return read ? std::to_string(*read) : read.error().to_string();
}

}  // namespace

TEST_CASE("binary: a number in more bytes than needed is refused at every length") {
    std::vector<std::uint64_t> values{0};
    for (unsigned bits = 1; bits <= 64; ++bits) {
        const std::uint64_t least = std::uint64_t{1} << (bits - 1);
        for (const std::uint64_t value :
             {least, least + 1, least | (least - 1), least | (least / 2)})
            values.push_back(value);
    }
    // If there are at least 10 bytes in all, the decoder reads the number without a loop.
    for (std::size_t behind = 0; behind <= 11; ++behind) {
        for (const std::uint64_t value : values) {
            const std::size_t size = binary::size(value);
            CHECK(leb128(value, size) == binary::encode_value(value));
            CHECK(read_number(leb128(value, size), behind) == std::to_string(value));
            for (std::size_t longer = size + 1; longer <= 10; ++longer) {
                CHECK(read_number(leb128(value, longer), behind) ==
                      "number in more bytes than needed at byte " + std::to_string(longer));
            }
            CHECK(read_number(leb128(value, 11), behind) == "number too large at byte 10");
        }
    }
}

TEST_CASE("binary: any input of up to three bytes is refused or is what the writer writes") {
    if (!detail::leb128::is_fast) return;  // big-endian: the codec reads byte by byte
    int taken = 0;
    std::string word(detail::leb128::longest, '\1');
    for (unsigned bits = 0; bits < 1U << 21U; ++bits) {
        // For each of the three bytes: its top bit, and low and high bits of the other seven.
        for (unsigned i = 0; i < 3; ++i) {
            const unsigned seven = bits >> (7 * i) & 0x7FU;
            word[i] = static_cast<char>((seven & 0x40U) << 1U | (seven & 0x3FU));
        }
        const auto number = detail::leb128::read(word.data());
        if (number.size == 0) continue;
        ++taken;
        if (leb128(number.value, number.size) != word.substr(0, number.size) ||
            binary::size(number.value) != number.size)
            FAIL("not as written: ", number.value);
    }
    CHECK(taken > 1 << 20);
}

namespace {

/// Reads a map entry by entry.
template <class K, class L>
MapOf<K, L> read_entries(binary::Reader& in, const MapOf<K, L>&) {
    MapOf<K, L> map;
    deserialize_mapping<K, L>(in, [&](auto& item, K key, L state) {
        if (state.is_bottom()) return item.fail("bottom value in map");
        map.append(key, state);
    });
    return map;
}
template <class K, class Id>
DotMap<K, DotSet<Id>> read_entries(binary::Reader& in, const DotMap<K, DotSet<Id>>&) {
    typename DotMap<K, DotSet<Id>>::Entries entries;
    deserialize_mapping<K, DotSet<Id>>(in, [&](auto& item, K key, DotSet<Id> dots) {
        if (dots.is_bottom()) return item.fail("bottom value in map");
        entries.push_back(key, std::move(dots));
    });
    if (!in.ok()) return {};
    auto map = DotMap<K, DotSet<Id>>::checked(std::move(entries));
    if (!map) in.fail("dot in two places");
    return map ? std::move(*map) : DotMap<K, DotSet<Id>>();
}

/// Changes the bytes of a map that is read in groups or rows. Compares what is read, or why it
/// fails, with the same map read entry by entry.
template <class Map>
void check_changes(const Map& map, Random& random) {
    const std::string bytes = binary::encode_value(map);
    CHECK(binary::size(map) == bytes.size());
    const auto same = binary::try_decode_value<Map>(bytes);
    REQUIRE(same);
    CHECK(*same == map);
    CHECK(binary::encode_value(*same) == bytes);
    for (int change = 0; change < 100; ++change) {
        std::string changed = bytes;
        const std::size_t place = random.below(bytes.size());
        switch (random.below(5)) {
            case 0: changed[place] = static_cast<char>(random.next()); break;
            case 1: changed.resize(place); break;
            case 2: changed.insert(place, 1, '\0'); break;
            case 3: changed[place] = static_cast<char>(random.below(4)); break;
            default: changed.insert(place, 9, '\xFF'); break;
        }
        binary::Reader in(changed);
        const Map by_entries = read_entries(in, map);
        if (in.ok()) in.expect_eof();
        const auto read = binary::try_decode_value<Map>(changed);
        REQUIRE((read ? "" : read.error().to_string()) == (in.ok() ? "" : in.error()->to_string()));
        if (read) REQUIRE(*read == by_entries);
    }
}

template <class K, class Count>
void check_rows() {
    using L = Max<Count>;
    for (std::uint64_t seed = 0; seed < support::seeds(60); ++seed) {
        CAPTURE(seed);
        Random random(seed);
        MapOf<K, L> map;
        const std::uint64_t below = std::uint64_t{1} << random.below(64);
        for (std::uint64_t i = random.below(seed % 2 == 0 ? 60 : 1500); i > 0; --i) {
            map.merge(MapOf<K, L>{{static_cast<K>(random.below(below)),
                                   L(static_cast<Count>(random.next() >> random.below(64)))}});
        }
        std::string expected;
        binary::Writer out(expected);
        serialize_mapping<K, L>(out, map);
        out.finish();
        REQUIRE(binary::encode_value(map) == expected);
        check_changes(map, random);
    }
}

template <class K, class Id>
void check_dot_rows(const std::vector<Id>& ids) {
    for (std::uint64_t seed = 0; seed < support::seeds(60); ++seed) {
        CAPTURE(seed);
        Random random(seed);
        AWSet<K, Id> set, other;
        const std::uint64_t below = std::uint64_t{1} << random.below(64);
        for (std::uint64_t i = random.below(seed % 2 == 0 ? 60 : 800); i > 0; --i) {
            const auto key = static_cast<K>(random.below(below));
            set.insert(ids[random.below(ids.size() - 1)], key);
            if (random.below(4) == 0) set.erase(key);
            // Concurrent inserts of an element leave it several dots.
            if (random.below(4) == 0) other.insert(ids.back(), key);
        }
        set.merge(other);
        check_changes(set.lattice().store(), random);
    }
}

}  // namespace

TEST_CASE("binary: maps in groups are written and read as entry by entry") {
    check_rows<std::uint64_t, std::uint64_t>();
    check_rows<std::int64_t, std::uint64_t>();
    check_rows<std::uint16_t, std::uint8_t>();
    check_rows<std::int8_t, std::uint32_t>();
}

TEST_CASE("binary: sets of dots in rows are read as entry by entry") {
    check_dot_rows<std::uint64_t, std::uint64_t>({1, 1U << 20U, ~std::uint64_t{0}});
    check_dot_rows<std::int64_t, std::string>(
        {"", "b", std::string(40, 'c'), std::string(200, 'd')});
    check_dot_rows<std::uint8_t, std::uint16_t>({0, 200, 65'535});
    check_dot_rows<std::int16_t, std::uint8_t>({0, 127, 128, 255});
}

TEST_CASE("binary: a dot in two places is refused, wherever it is") {
    using Dots = DotSet<std::uint64_t>;
    using Store = DotMap<std::uint64_t, Dots>;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        const std::size_t size = 2 + random.below(seed % 3 == 0 ? 500 : 20);
        const std::uint64_t step = 1 + random.below(8);
        std::vector<Dots> stores;
        for (std::uint64_t i = 0; i < size; ++i)
            stores.emplace_back(Dot<std::uint64_t>{1, i * step + 1});
        for (std::size_t i = size - 1; i > 0 && seed % 4 != 0; --i)
            std::swap(stores[i], stores[random.below(i + 1)]);
        const auto reason = [&] {
            typename Store::Entries entries;
            for (std::uint64_t key = 0; key < size; ++key) entries.push_back(key, stores[key]);
            std::string bytes;
            binary::Writer out(bytes);
            serialize_mapping<std::uint64_t, Dots>(out, entries);
            out.finish();
            return refusal<Store>(bytes);
        };
        CHECK(reason() == "accepted");
        const std::size_t copied = random.below(size);
        const std::size_t place = (copied + 1 + random.below(size - 1)) % size;
        stores[place].merge(stores[copied]);
        CHECK(reason().starts_with("dot in two places"));
        if (random.below(2) == 0) stores[place] = stores[copied];
        CHECK(reason().starts_with("dot in two places"));
    }
}

TEST_CASE("binary: integer keys are written by their gaps, over the whole range") {
    GSet<std::int64_t> ends;
    ends.insert(std::numeric_limits<std::int64_t>::min());
    ends.insert(std::numeric_limits<std::int64_t>::max());
    CHECK(*binary::try_decode_value<GSet<std::int64_t>>(binary::encode_value(ends)) == ends);

    GSet<std::uint64_t> dense;
    for (std::uint64_t i = 0; i < 1000; ++i) dense.insert(1000000 + i);
    CHECK(binary::size(dense) == 2 + 3 + 999);
    CHECK(refusal<GSet<std::uint8_t>>(bytes("\x02\xF0\x01\x0F")) == "number too large at byte 4");
    CHECK(refusal<GSet<std::uint8_t>>(bytes("\x02\xF0\x01\x0E")) == "accepted");
}

TEST_CASE("binary: a replica's name is written once in a document") {
    AWSet<std::uint64_t> set;
    for (std::uint64_t i = 0; i < 100; ++i) set.insert("a-replica-with-a-long-name", i);
    CHECK(binary::size(set) < 26 + 100 * 7);
    CHECK(*binary::try_decode_value<AWSet<std::uint64_t>>(binary::encode_value(set)) == set);
}

TEST_CASE("binary: malformed input is refused with a reason and a position") {
    CHECK(refusal<std::uint64_t>("") == "unexpected end of input at byte 0");
    CHECK(refusal<std::uint64_t>("\x80") == "unexpected end of input at byte 1");
    CHECK(refusal<std::uint64_t>(bytes("\x80\0")) == "number in more bytes than needed at byte 2");
    CHECK(refusal<std::uint64_t>("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02") ==
          "number too large at byte 10");
    CHECK(refusal<std::uint64_t>("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01") ==
          "number too large at byte 10");
    CHECK(refusal<std::uint8_t>("\x80\x02") == "number too large at byte 2");
    CHECK(refusal<std::uint64_t>("\x01\x01") == "trailing bytes at byte 1");
    CHECK(refusal<bool>("\x02") == "expected true or false at byte 1");
    CHECK(refusal<std::string>("\x02"
                               "a") == "string longer than the input at byte 1");
    CHECK(refusal<Unit>("\x01") == "expected null at byte 1");

    using Set = GSet<std::string>;
    CHECK(refusal<Set>(bytes("\x02\x01"
                             "b\x01"
                             "a")) == "not in ascending order at byte 5");
    CHECK(refusal<Set>(bytes("\x02\0\0")) == "not in ascending order at byte 3");
    using Counter = GCounter<>;
    CHECK(refusal<Counter>(bytes("\x01\x01"
                                 "a\0")) == "bottom value in map at byte 4");
    using Dots = CausalContext<>;
    CHECK(refusal<Dots>(bytes("\x01\x02\x01\x05")) == "undefined name reference at byte 3");
    CHECK(refusal<Dots>(bytes("\x02\x02\0\x01"
                              "a\x05\x02\0\x01"
                              "a\x07")) == "duplicate name definition at byte 10");
    CHECK(refusal<Dots>(bytes("\x02\x02\0\x01"
                              "a\x05\x02\x01\x07")) == "accepted");
    using Message = replication::Message<Counter>;
    const auto message = [](std::uint64_t version, const std::string& rest) {
        return std::string(1, static_cast<char>(version)) + rest;
    };
    constexpr std::uint64_t version = Serializer<Message>::version;
    CHECK(refusal<Message>(message(version + 1, bytes("\x01\0\0"))) ==
          "version newer than this one at byte 1");
    CHECK(refusal<Message>(message(version, bytes("\x01\0\x80\x80\x01"))) ==
          "unknown part at byte 6");
    // Bit 12 is `followed`: a list of epochs with positions.
    const std::string followed = bytes("\x01\0\x80\x20");
    CHECK(refusal<Message>(message(version, followed + bytes("\x02\x07\x01\x09\x02"))) ==
          "accepted");
    CHECK(refusal<Message>(message(version, followed + bytes("\0"))) ==
          "part with its default value at byte 6");
    CHECK(refusal<Message>(message(version, followed + bytes("\x01\0\x05"))) ==
          "position 0, or a log of no epoch at byte 8");
    CHECK(refusal<Message>(message(version, followed + bytes("\x01\x07\0"))) ==
          "position 0, or a log of no epoch at byte 8");
    CHECK(refusal<Message>(message(version, followed + bytes("\x02\x09\x01\x07\x02"))) ==
          "not in ascending order at byte 10");
}

TEST_CASE("binary: a number with unnecessary bytes is refused, whatever follows") {
    for (const std::uint64_t value : {0U, 1U, 127U, 128U, 300U, 1U << 20U, 1U << 31U}) {
        const std::string shortest = binary::encode_value(value);
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
                const std::uint64_t read = reader.u64();
                CHECK(reader.ok() == (padding == 0));
                if (padding == 0) CHECK(read == value);
            }
        }
    }
}

TEST_CASE("binary: a document contains the name of its type") {
    GCounter<> counter;
    counter.add("a", 1);
    const std::string document = binary::encode(counter);
    CHECK(*binary::try_decode<GCounter<>>(document) == counter);
    const auto other = binary::try_decode<PNCounter<>>(document);
    REQUIRE_FALSE(other);
    CHECK(other.error().to_string() == "expected the type pncounter<text,u64> at byte 20");
}

TEST_CASE("binary: a length is not trusted before that many bytes have arrived") {
    const std::string huge = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01";
    CHECK(refusal<GSet<std::string>>(huge) == "list longer than the input at byte 10");
    CHECK(refusal<std::vector<Unit>>(huge) == "list longer than the input at byte 10");
    CHECK(refusal<std::string>(huge) == "string longer than the input at byte 10");
}

TEST_CASE("binary: a name of up to 127 bytes is written once, and a longer one in full each time") {
    for (const std::size_t length : {std::size_t{1}, std::size_t{126}, std::size_t{127},
                                     std::size_t{128}, std::size_t{1000}}) {
        CAPTURE(length);
        const std::string name(length, 'x');
        CausalContext<> dots;
        dots.insert(Dot<>{"a", 1});
        for (std::uint64_t i = 1; i <= 10; ++i) dots.insert(Dot<>{name, 2 * i});
        const std::string written = binary::encode_value(dots);
        CHECK(*binary::try_decode_value<CausalContext<>>(written) == dots);
        const std::size_t times = length <= 127 ? 1 : 10;
        CHECK(written.size() >= times * length);
        CHECK(written.size() < (times + 1) * length + 100);
    }
    // No number refers to a long name, and no short name is written twice.
    const std::string prefix = bytes(
        "\x02\x02\0\x01"
        "a\x05\x02");
    CHECK(refusal<CausalContext<>>(prefix + bytes("\x01\x07")) == "accepted");
    CHECK(refusal<CausalContext<>>(prefix + bytes("\0\x01"
                                                  "a\x07")) ==
          "duplicate name definition at byte 10");
    const std::string longer = std::string("\x80\x01", 2) + std::string(128, 'x');
    CHECK(refusal<CausalContext<>>(bytes("\x02\x02\0") + longer + bytes("\x05\x02\x01\x07")) ==
          "undefined name reference at byte 136");
    CHECK(refusal<CausalContext<>>(bytes("\x02\x02\0") + longer + bytes("\x05\x02\0") + longer +
                                   "\x07") == "accepted");
}

TEST_CASE("binary: no name is written twice, however many there are") {
    const auto entry = [](std::size_t name) {
        return bytes("\x02\0\x01") + static_cast<char>('a' + name) + '\x05';
    };
    for (std::size_t count = 1; count <= 25; ++count) {
        std::string names;
        for (std::size_t name = 0; name < count; ++name) names += entry(name);
        const std::string size(1, static_cast<char>(count + 1));
        CHECK(refusal<CausalContext<>>(size + names + entry(count)) == "accepted");
        for (std::size_t again = 0; again < count; ++again) {
            CAPTURE(count);
            CAPTURE(again);
            CHECK(refusal<CausalContext<>>(size + names + entry(again))
                      .starts_with("duplicate name definition"));
        }
    }
}

}  // namespace binary_tests
