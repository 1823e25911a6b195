// SPDX-License-Identifier: MIT
//! A key of one's own says its form once, for all codecs (docs/your-own-type.md).
#include <compare>
#include <cstdint>
#include <string_view>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/document.hpp>
#include <crdt/codec/form.hpp>
#include <crdt/codec/form_causal.hpp>
#include <crdt/codec/form_lattice.hpp>
#include <crdt/codec/json.hpp>
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
struct crdt::Form<Point> {
    static constexpr std::string_view type_name = "point";
    static void write(auto& out, const Point& point) { write_components(out, point.x, point.y); }
    static Point read(auto& in) {
        const auto [x, y] = read_components<int, int>(in);
        return {x, y};
    }
};

using namespace crdt;

static_assert(Documented<GSet<Point>>);
static_assert(!Documented<int>);
static_assert(!HasForm<void*>);

TEST_CASE("form: a key of one's own, in a set and in a map") {
    GSet<Point> set;
    set.insert({1, -2});
    set.insert({-1, 5});
    CHECK(json::write(set).dump() == "[[-1,5],[1,-2]]");
    CHECK(binary::write(set) == "\x02\x01\x0A\x02\x03");
    CHECK(*json::try_decode<GSet<Point>>(json::encode(set)) == set);
    CHECK(*binary::try_decode<GSet<Point>>(binary::encode(set)) == set);

    ORMap<Point, ResettableCounter<>> map;
    map.apply({3, 4}, [](auto& counter) { return counter.add("a", 7); });
    CHECK(*json::try_read<decltype(map)>(json::write(map)) == map);
    CHECK(*binary::try_read<decltype(map)>(binary::write(map)) == map);
}

TEST_CASE("form: what is read twice over, or out of order, is refused with its place") {
    const auto twice = json::try_read<GSet<Point>>(nlohmann::json{{1, 2}, {1, 2}});
    CHECK(twice.error().text() == "not in ascending order at /1");
    const auto text = json::try_read<GSet<Point>>(nlohmann::json{{1, "2"}});
    CHECK(text.error().text() == "not a whole number below 2^64 at /0/1");
}
