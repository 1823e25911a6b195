// SPDX-License-Identifier: MIT
//! A key of one's own says its form once, for all codecs (docs/how-to/write-a-type.md).
#include <compare>
#include <cstdint>
#include <string_view>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/document.hpp>
#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/forms/lattice.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/gset.hpp>
#include <crdt/lattice/hash.hpp>
#include <crdt/ormap.hpp>
#include <crdt/resettable_counter.hpp>

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

template <>
struct crdt::Serializer<Point> {
    static constexpr std::string_view type_name = "point";
    static void write(auto& out, const Point& point) { serialize_tuple(out, point.x, point.y); }
    static Point read(auto& in) {
        const auto [x, y] = deserialize_tuple<int, int>(in);
        return {x, y};
    }
};

using namespace crdt;

static_assert(Document<GSet<Point>>);
static_assert(!Document<int>);
static_assert(!Serializable<void*>);

TEST_CASE("form: a key of one's own, in a set and in a map") {
    GSet<Point> set;
    set.insert({1, -2});
    set.insert({-1, 5});
    CHECK(json::encode_value(set).dump() == "[[-1,5],[1,-2]]");
    CHECK(binary::encode_value(set) == "\x02\x01\x0A\x02\x03");
    CHECK(*json::try_decode<GSet<Point>>(json::encode(set)) == set);
    CHECK(*binary::try_decode<GSet<Point>>(binary::encode(set)) == set);

    ORMap<Point, ResettableCounter<>> map;
    map.update({3, 4}, [](auto& counter) { return counter.add("a", 7); });
    CHECK(*json::try_decode_value<decltype(map)>(json::encode_value(map)) == map);
    CHECK(*binary::try_decode_value<decltype(map)>(binary::encode_value(map)) == map);
}

TEST_CASE("form: what is read twice over, or out of order, is refused with its place") {
    const auto twice = json::try_decode_value<GSet<Point>>(nlohmann::json{{1, 2}, {1, 2}});
    CHECK(twice.error().to_string() == "not in ascending order at /1");
    const auto text = json::try_decode_value<GSet<Point>>(nlohmann::json{{1, "2"}});
    CHECK(text.error().to_string() == "not a whole number below 2^64 at /0/1");
}
