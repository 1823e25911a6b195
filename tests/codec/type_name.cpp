// SPDX-License-Identifier: MIT
//! type_name: a document contains the name of its type with all arguments, and cannot be read as
//! another type.
#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/crdt.hpp>

namespace type_name_tests {

using namespace crdt;

namespace {

/// A value type of a user.
struct Point {
    int x = 0;
    int y = 0;

    friend auto operator<=>(const Point&, const Point&) = default;
    friend std::uint64_t hash_value(const Point& point) {
        return hash_combine(hash_value(point.x), hash_value(point.y));
    }
};

/// One with an argument.
template <class Unit>
struct Length {
    Unit value{};

    friend auto operator<=>(const Length&, const Length&) = default;
    friend std::uint64_t hash_value(const Length& length) { return hash_value(length.value); }
};

/// Compositions of a user: a class, a template of types, and a template with a number.
class Tally : public Composed<Tally, MapOf<std::string, Max<std::uint32_t>>> {
  public:
    static constexpr std::string_view type_name = "tally";
};
template <class Id>
class Votes : public Composed<Votes<Id>, MapOf<Id, Max<bool>>> {
  public:
    static constexpr std::string_view type_name = "votes";
};
template <class Id, int Number>
class Numbered : public Composed<Numbered<Id, Number>, MapOf<Id, Max<bool>>> {
  public:
    static constexpr std::string_view type_name = "numbered";
};

}  // namespace

}  // namespace type_name_tests

template <>
struct crdt::Serializer<type_name_tests::Point> {
    static constexpr std::string_view type_name = "point";
    static void write(auto& out, const type_name_tests::Point& point) {
        serialize_tuple(out, point.x, point.y);
    }
    static type_name_tests::Point read(auto& in) {
        const auto [x, y] = deserialize_tuple<int, int>(in);
        return {x, y};
    }
};

template <class Unit>
struct crdt::Serializer<type_name_tests::Length<Unit>> {
    static constexpr std::string_view type_name = "length";
    static void write(auto& out, const type_name_tests::Length<Unit>& length) {
        serialize(out, length.value);
    }
    static type_name_tests::Length<Unit> read(auto& in) { return {deserialize<Unit>(in)}; }
};

namespace type_name_tests {

TEST_CASE("type name: it has the type's own name and all arguments, nested ones too") {
    CHECK(type_name<GCounter<>>() == "gcounter<text,u64>");
    CHECK(type_name<ORMap<std::string, MVRegister<std::int64_t>>>() ==
          "ormap<text,mvregister<i64,text>>");
    CHECK(type_name<GMap<int, GMap<bool, PNCounter<std::uint8_t, std::uint16_t>>>>() ==
          "gmap<i32,gmap<bool,pncounter<u8,u16>>>");
    CHECK(type_name<HLC>() == "hlc(max<time>)");
    CHECK(type_name<GSet<Stamp<int>>>() == "gset<stamp<i32>>");
    CHECK(type_name<std::tuple<int, std::vector<std::string>>>() == "tuple<i32,vector<text>>");
    using Combined = Product<Lex<Max<int>, WriteOnce<bool>>, LinearSum<Min<char16_t>, Unit>,
                             MapOf<int, Max<bool>>>;
    CHECK(type_name<Combined>() ==
          "product<lex<max<i32>,once<bool>>,linear_sum<min<u16>,unit>,map<i32,max<bool>>>");
    CHECK(type_name<AWSet<int>::lattice_type>() == "causal<dot_map<i32,dot_set<text>>>");
}

TEST_CASE("type name: a user's own types have names") {
    CHECK(type_name<GSet<Point>>() == "gset<point>");
    GSet<Point> points;
    points.insert({1, 2});
    CHECK(hash_value(*binary::try_decode<GSet<Point>>(binary::encode(points))) ==
          hash_value(points));
    CHECK(type_name<GSet<Length<std::uint8_t>>>() == "gset<length<u8>>");
    CHECK(type_name<Tally>() == "tally(map<text,max<u32>>)");
    CHECK(type_name<Votes<int>>() == "votes<i32>");
    CHECK(type_name<GMap<int, Numbered<std::string, 3>>>() ==
          "gmap<i32,numbered(map<text,max<bool>>)>");
}

TEST_CASE("type name: integers of one width and sign have one name on all platforms") {
    static_assert(sizeof(long) == sizeof(long long) || sizeof(long) == sizeof(int));
    CHECK(type_name<GSet<long long>>() == "gset<i64>");
    CHECK(type_name<GSet<long>>() ==
          (sizeof(long) == 8 ? type_name<GSet<long long>>() : type_name<GSet<int>>()));
    CHECK(type_name<GSet<unsigned char>>() == type_name<GSet<std::uint8_t>>());
    GSet<long long> set;
    set.insert(-5);
    CHECK(binary::try_decode<GSet<std::int64_t>>(binary::encode(set)));
}

namespace {

/// Do both codecs reject the document of `state`, read as a Target, because of its type?
template <class Target>
void check_refused(const auto& state) {
    CAPTURE(type_name<Target>());
    const std::string reason = "expected the type " + type_name<Target>() + " at ";
    const auto bytes = binary::try_decode<Target>(binary::encode(state));
    REQUIRE_FALSE(bytes);
    CHECK(bytes.error().to_string().find(reason) == 0);
    const auto text = json::try_decode<Target>(json::encode(state));
    REQUIRE_FALSE(text);
    CHECK(text.error().to_string() == reason + "/type");
}

}  // namespace

TEST_CASE("type name: signed numbers are not read as unsigned ones") {
    GSet<std::uint32_t> set;
    set.insert(7);
    set.insert(8);
    check_refused<GSet<std::int32_t>>(set);

    ORMap<std::string, MVRegister<std::int64_t>> map;
    map.update("x", [](auto& value) { return value.assign("a", 21); });
    check_refused<ORMap<std::string, MVRegister<std::uint64_t>>>(map);
}

TEST_CASE("type name: a nested state is not read as one of another type") {
    GMap<std::string, GCounter<>> map;
    map.update("x", [](auto& counter) { return counter.add("a", 4); });
    check_refused<GMap<std::string, GMap<std::string, Max<std::int64_t>>>>(map);
}

namespace {

/// Types with keys and types with states, each with several arguments: their names.
template <class... Types>
void add_names(std::vector<std::string>& all) {
    (all.push_back(type_name<Types>()), ...);
}
template <class... Key>
void add_names_with_keys(std::vector<std::string>& all) {
    add_names<GSet<Key>..., TwoPhaseSet<Key>..., AWSet<Key>..., AWSet<std::int16_t, Key>...,
              RWSet<Key, Key>..., Bag<Key>..., MVRegister<Key>...,
              MVRegister<Key, std::uint64_t>..., EWFlag<Key>..., DWFlag<Key>...,
              VersionVector<Key>..., ORMap<Key, EWFlag<>>..., Votes<Key>...,
              MapOf<Key, Max<bool>>...>(all);
}
template <class... State>
void add_names_with_states(std::vector<std::string>& all) {
    add_names<State..., GMap<std::string, State>..., GMap<int, GMap<bool, State>>...,
              Product<State, Unit>..., MapOf<std::string, State>...>(all);
}
template <class... Value>
void add_names_with_causal_values(std::vector<std::string>& all) {
    add_names<ORMap<std::string, Value>..., RWMap<std::string, Value>...,
              ORMap<int, ORMap<std::string, Value>>...>(all);
}

}  // namespace

TEST_CASE("type name: no two types have one name") {
    std::vector<std::string> all;
    add_names_with_keys<std::string, std::int32_t, std::uint32_t, std::int64_t, std::uint64_t>(all);
    add_names_with_states<GCounter<>, GCounter<int>, GCounter<std::string, std::uint8_t>,
                          PNCounter<>, LexCounter<>, BoundedCounter<>, LWWRegister<int>,
                          LWWRegister<std::string>, HLC, Max<std::int64_t>, Min<std::int64_t>,
                          Tally, GSet<Point>>(all);
    add_names_with_causal_values<AWSet<int>, Bag<int>, MVRegister<int>, EWFlag<int>, DWFlag<>,
                                 ResettableCounter<>, ResettableCounter<int>>(all);
    std::sort(all.begin(), all.end());
    const auto count = all.size();
    all.erase(std::unique(all.begin(), all.end()), all.end());
    CHECK(all.size() == count);
}

TEST_CASE("type name: a document is read only if its name is the whole name of the type") {
    using Read = AWSet<std::int16_t, std::string>;
    const std::string name = type_name<Read>();
    const std::string document = json::encode(Read());
    const auto read_as = [&](const std::string& other) {
        std::string renamed = document;
        renamed.replace(renamed.find(name), name.size(), other);
        const auto read = json::try_decode<Read>(renamed);
        return read ? "" : read.error().to_string();
    };
    const std::string refusal = "expected the type " + name + " at /type";
    CHECK(read_as(name).empty());
    for (std::size_t length = 0; length < name.size(); ++length)
        CHECK(read_as(name.substr(0, length)) == refusal);
    for (const char* more : {" ", ",", ">", "<i16>"}) CHECK(read_as(name + more) == refusal);
}

}  // namespace type_name_tests
