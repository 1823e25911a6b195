// SPDX-License-Identifier: MIT
//! The code that a C++ engineer writes in the first hour with the library. Each snippet compiles
//! and gives the expected result.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <ranges>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/crdt.hpp>
#include <crdt/ostream.hpp>

namespace first_hour_tests {

using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

enum class Color { red, green, blue };
enum Priority : std::uint8_t { low, high };
using UUID = std::array<std::byte, 16>;

struct Point {
    int x = 0, y = 0;
    friend auto operator<=>(const Point&, const Point&) = default;
};

/// A value, not a key: it has no order.
struct Style {
    double size = 0;
    bool bold = false;
    friend bool operator==(const Style&, const Style&) = default;
};

UUID uuid(unsigned char first) {
    UUID id{};
    id[0] = std::byte{first};
    return id;
}

template <class A, class B>
concept CanMerge = requires(A& a, const B& b) {
    a.merge(b);
};

/// Through both codecs and back.
template <class T>
bool survives(const T& state) {
    const auto bytes = crdt::binary::try_decode<T>(crdt::binary::encode(state));
    const auto text = crdt::json::try_decode<T>(crdt::json::encode(state));
    return bytes && *bytes == state && text && *text == state;
}

}  // namespace

}  // namespace first_hour_tests

template <>
struct crdt::Serializer<first_hour_tests::Point>
    : crdt::Members<&first_hour_tests::Point::x, &first_hour_tests::Point::y> {
    static constexpr std::string_view type_name = "point";
};

template <>
struct crdt::Serializer<first_hour_tests::Style>
    : crdt::Members<&first_hour_tests::Style::size, &first_hour_tests::Style::bold> {
    static constexpr std::string_view type_name = "style";
};

namespace first_hour_tests {

TEST_CASE("first hour: ids of replicas are enums, numbers, UUIDs, strings, pairs, structs") {
    crdt::GCounter<Color> by_enum;
    by_enum.add(Color::red, 2);
    CHECK(by_enum.value(Color::red) == 2);
    crdt::GCounter<int> by_number;
    by_number.add(7, 1);
    CHECK(by_number.value() == 1);
    crdt::PNCounter<UUID> by_uuid;
    by_uuid.add(uuid(1), 3);
    by_uuid.subtract(uuid(2), 1);
    CHECK(by_uuid.value() == 2);
    CHECK(survives(by_uuid));
    crdt::AWSet<int, std::u8string> by_utf8;
    by_utf8.insert(u8"é", 1);
    CHECK(survives(by_utf8));
    crdt::GCounter<std::pair<std::string, int>> by_pair;
    by_pair.add({"host", 8080}, 1);
    CHECK(survives(by_pair));
    crdt::MVRegister<int, Point> by_struct;
    by_struct.assign(Point{1, 2}, 5);
    CHECK(survives(by_struct));
    crdt::LWWRegister<int, UUID> register_of_uuids;
    crdt::HLC clock;
    register_of_uuids.assign(clock, 1, uuid(1), 5);
    CHECK(survives(register_of_uuids));
}

TEST_CASE("first hour: elements and keys are the types that a std::set accepts, except doubles") {
    CHECK(survives(crdt::GSet<Color>{Color::blue, Color::green}));
    CHECK(survives(crdt::GSet<Priority>{high}));
    CHECK(survives(crdt::GSet<bool>{true}));
    CHECK(survives(crdt::GSet<char>{'a'}));
    CHECK(survives(crdt::GSet<UUID>{uuid(1), uuid(2)}));
    CHECK(survives(crdt::GSet<Point>{{1, 2}, {0, 5}}));
    CHECK(survives(crdt::GSet<std::pair<int, std::string>>{{1, "a"}}));
    CHECK(survives(crdt::GSet<std::tuple<int, Color, std::string>>{{1, Color::red, "a"}}));
    CHECK(survives(crdt::GSet<std::optional<int>>{std::nullopt, 5}));
    CHECK(survives(crdt::GSet<std::vector<std::string>>{{"a", "b"}, {}}));
    CHECK(survives(crdt::GSet<std::vector<std::byte>>{{std::byte{1}}}));
    CHECK(survives(crdt::GSet<std::array<int, 3>>{{1, 2, 3}}));
    CHECK(survives(crdt::GSet<std::u16string>{u"\u00e9"}));
    CHECK(survives(crdt::GSet<std::u32string>{U"\u00e9"}));
    CHECK(survives(crdt::GSet<std::wstring>{L"ab"}));
    CHECK(survives(crdt::GSet<std::chrono::seconds>{5s, 7s}));
    CHECK(survives(crdt::GSet<std::chrono::system_clock::time_point>{
        std::chrono::system_clock::time_point(5s)}));
    CHECK(survives(crdt::GSet<std::optional<std::optional<int>>>{std::nullopt, std::optional<int>(),
                                                                 std::optional<int>(1)}));
}

TEST_CASE("first hour: values of registers need == and a serializer, doubles too") {
    crdt::MVRegister<double> measured("a", 0.5);
    CHECK(measured.value() == 0.5);
    CHECK(survives(measured));
    CHECK(crdt::json::encode(measured).find("0.5") != std::string::npos);
    measured.assign("a", std::numeric_limits<double>::quiet_NaN());
    CHECK(measured == measured);
    CHECK(survives(measured));
    CHECK(survives(crdt::MVRegister<float>("a", -0.0F)));
    CHECK(survives(crdt::MVRegister<std::optional<double>>("a", 1e300)));
    CHECK(survives(crdt::MVRegister<std::vector<double>>("a", {1, 0.1, 1e-300})));
    crdt::MVRegister<Style> style("a", {1.5, true});
    CHECK(style.value() == Style{1.5, true});
    CHECK(survives(style));
    crdt::MVRegister<double> other("b", -2.5);
    measured.assign("a", 3);
    measured.merge(other);
    CHECK(measured.has_conflict());
    CHECK(measured.values() == std::vector<double>{-2.5, 3});
    CHECK(measured.value() == -2.5);
}

TEST_CASE("first hour: a UUID in JSON looks like a UUID") {
    CHECK(crdt::json::encode(crdt::GSet<UUID>{uuid(0xAB)})
              .find("\"ab000000-0000-0000-0000-000000000000\"") != std::string::npos);
}

TEST_CASE("first hour: sets are made of lists and ranges, searched, copied and iterated") {
    crdt::GSet<int> grown{3, 1, 2};
    CHECK(grown.size() == 3);
    CHECK_FALSE(grown.empty());
    CHECK(grown.contains(2));
    CHECK(grown.count(9) == 0);
    CHECK(*grown.find(2) == 2);
    CHECK(grown.find(9) == grown.end());
    CHECK(crdt::GSet<int>(std::set<int>{1, 2, 3}) == grown);
    const std::vector<int> numbers{3, 2, 1};
    CHECK(crdt::GSet<int>(numbers.begin(), numbers.end()) == grown);
    CHECK(std::vector<int>(grown.begin(), grown.end()) == std::vector<int>{1, 2, 3});
    CHECK(std::accumulate(grown.begin(), grown.end(), 0) == 6);
    CHECK(*std::max_element(grown.begin(), grown.end()) == 3);

    crdt::AWSet<std::string> set("a", {"milk", "eggs"});
    const std::string_view wanted = "milk";
    CHECK(set.contains(wanted));
    set.erase("milk");
    CHECK(std::vector<std::string>(set.begin(), set.end()) == std::vector{"eggs"s});
    set.clear();
    CHECK(set.empty());
    CHECK(crdt::AWSet<int>("a", numbers).size() == 3);

    crdt::RWSet<int> strict("a", {1, 2, 3});
    strict.erase("a", 2);
    CHECK(std::vector<int>(strict.begin(), strict.end()) == std::vector<int>{1, 3});
    CHECK(strict.size() == 2);
    crdt::TwoPhaseSet<int> once{1, 2, 3};
    once.erase(1);
    CHECK(std::vector<int>(once.begin(), once.end()) == std::vector<int>{2, 3});
    CHECK(*once.begin() == 2);
    CHECK(*std::prev(once.end()) == 3);
    crdt::Bag<std::string> bag("a", {"nail", "nail", "bolt"});
    CHECK(bag.count("nail") == 2);
    CHECK(bag.total() == 3);
    std::size_t all = 0;
    for (auto& [element, count] : bag) all += count + element.size();
    CHECK(all == 3 + 8);
    CHECK(std::map<std::string, std::size_t>(bag.begin(), bag.end()).size() == 2);
}

TEST_CASE("first hour: maps are iterated with structured bindings, and copied to std::map") {
    crdt::GMap<std::string, crdt::GCounter<>> scores;
    scores.update("ann", [](auto& score) { return score.add("a", 3); });
    scores.update("bob", [](auto& score) { return score.add("a", 4); });
    std::uint64_t total = 0;
    for (auto& [name, score] : scores) total += score.value();
    for (const auto& [name, score] : scores) total += score.value();
    for (auto&& [name, score] : scores) total += score.value();
    CHECK(total == 21);
    const std::map<std::string, crdt::GCounter<>> copy(scores.begin(), scores.end());
    CHECK(copy.at("bob").value() == 4);
    const std::vector entries(scores.begin(), scores.end());
    CHECK(entries.front().first == "ann");
    CHECK(crdt::GMap<std::string, crdt::GCounter<>>(copy) == scores);
    CHECK(scores.find("ann")->second.value() == 3);
    CHECK(scores.view("nobody").value() == 0);
    CHECK(scores.size() == 2);
    CHECK(std::count_if(scores.begin(), scores.end(),
                        [](const auto& entry) { return entry.second.value() > 3; }) == 1);
    crdt::GMap<int, crdt::Max<int>> best{{1, crdt::Max<int>(5)}, {1, crdt::Max<int>(7)}};
    CHECK(best.view(1).value() == 7);
}

TEST_CASE("first hour: a key with a bottom value is absent") {
    crdt::GMap<std::string, crdt::GCounter<>> scores;
    scores.update("ann", [](auto& score) { return score.add("a", 0); });
    CHECK_FALSE(scores.contains("ann"));
    crdt::ORMap<std::string, crdt::AWSet<int>> sets;
    sets.update("ann", [](auto& set) { return set.erase(5); });
    CHECK(sets.empty());
}

TEST_CASE("first hour: nested values are read through views, which cannot be merged elsewhere") {
    crdt::ORMap<std::string, crdt::AWSet<std::string>> map;
    map.update("fruit", [](auto& set) { return set.insert("a", "fig"); });
    CHECK(map.view("fruit").contains("fig"));
    CHECK(map.view("none").empty());
    for (auto& [key, set] : map) CHECK(set.size() == key.size() - 4);
    const auto found = map.find("fruit");
    REQUIRE(found != map.end());
    CHECK(*found->second.begin() == "fig");
    using Nested = decltype(map.view("fruit"));
    static_assert(CanMerge<crdt::AWSet<std::string>, crdt::AWSet<std::string>>);
    static_assert(!CanMerge<crdt::AWSet<std::string>, Nested>);
    static_assert(!CanMerge<Nested, Nested>);

    crdt::RWMap<int, crdt::ORMap<int, crdt::MVRegister<int>>> deep;
    deep.update("a", 1, [](auto& inner) {
        return inner.update(2, [](auto& value) { return value.assign("a", 3); });
    });
    CHECK(deep.view(1).view(2).value() == 3);
    deep.erase("a", 1);
    CHECK_FALSE(deep.view(1).view(2).has_value());
    CHECK(deep.size() == 0);
    CHECK(map.size() == 1);
    map.clear("a");
    CHECK(map.empty());
}

TEST_CASE("first hour: registers and flags") {
    crdt::MVRegister<std::string> name;
    CHECK_FALSE(name.has_value());
    CHECK_THROWS_AS(static_cast<void>(name.value()), std::out_of_range);
    CHECK(name.value_or("nobody") == "nobody");
    name.assign("a", "ann");
    CHECK(name.value() == "ann");

    crdt::LWWRegister<std::string> color;
    CHECK_THROWS_AS(static_cast<void>(color.value()), std::out_of_range);
    crdt::HLC clock;
    color.assign(clock, 1000, "a", "red");
    color.assign(clock, 999, "a", "blue");  // a clock that goes back
    CHECK(color.value() == "blue");
    CHECK(color.value_or("none") == "blue");

    crdt::EWFlag<> flag;
    flag.enable("a");
    CHECK(flag.enabled());
    flag.disable();
    crdt::DWFlag<> strict;
    strict.enable("a");
    strict.disable("a");
    CHECK(flag.enabled() == strict.enabled());
}

TEST_CASE("first hour: states are compared, joined, hashed and printed") {
    const crdt::GSet<int> small{1}, large{1, 2}, other{3};
    CHECK(small < large);
    CHECK(small <= small);
    CHECK((small <=> other) == std::partial_ordering::unordered);
    CHECK(crdt::join(small, other) == crdt::GSet<int>{1, 3});
    CHECK(std::unordered_set<crdt::GSet<int>>{small, large, small}.size() == 2);
    std::unordered_map<crdt::GSet<int>, int> by_state{{small, 1}};
    CHECK(by_state.at(crdt::GSet<int>{1}) == 1);
    CHECK(crdt::to_string(large) == "{1: true, 2: true}");
    CHECK_FALSE(crdt::to_string(crdt::GSet<Point>{{1, 2}}).empty());
    CHECK_FALSE(crdt::to_string(crdt::MVRegister<Style>("a", {})).empty());
}

TEST_CASE("first hour: counters") {
    crdt::PNCounter<> stock;
    stock.add("a", 5);
    stock.subtract("a", 2);
    CHECK(stock.value() == 3);
    CHECK(stock.value("a") == 3);
    crdt::LexCounter<> net;
    net.add("a", 5);
    net.subtract("a", 7);
    CHECK(net.value() == -2);
    crdt::ResettableCounter<> visits;
    visits.add("a", 5);
    visits.subtract("a", 1);
    CHECK(visits.value() == 4);
    visits.reset("a");
    CHECK(visits.value() == 0);
}

TEST_CASE("first hour: a table of records") {
    using Task = crdt::Record<crdt::Field<"title", crdt::MVRegister<std::string>>,
                              crdt::Field<"done", crdt::EWFlag<>>,
                              crdt::Field<"tags", crdt::AWSet<std::string>>>;
    crdt::ORMap<std::string, Task> a;
    a.update("1", [](Task& task) {
        auto delta =
            task.update<"title">([](auto& title) { return title.assign("a", "buy milk"); });
        delta.merge(task.update<"tags">([](auto& tags) { return tags.insert("a", "shop"); }));
        return delta;
    });
    auto b = a;
    b.update("1", [](Task& task) {
        return task.update<"done">([](auto& done) { return done.enable("b"); });
    });
    a.erase("a", "1");
    CHECK(a.empty());
    a.merge(b);
    const auto partial = a.view("1");
    CHECK(partial.view<"done">().enabled());
    CHECK_FALSE(partial.view<"title">().has_value());
    CHECK_FALSE(partial.is_complete());
    CHECK(b.view("1").is_complete());
    CHECK(b.view("1").view<"title">().value() == "buy milk");
    CHECK(b.view("1").view<"tags">().contains("shop"));
    CHECK(survives(b));
    CHECK(crdt::json::encode(b).find(R"("title":[["a",1,"buy milk"]])") != std::string::npos);
    std::vector<std::string> names;
    b.view("1").for_each_field(
        [&](std::string_view name, const auto&) { names.emplace_back(name); });
    CHECK(names == std::vector{"title"s, "done"s, "tags"s});
}

TEST_CASE("first hour: the result of a decoder is used like std::expected") {
    const auto set =
        crdt::binary::try_decode<crdt::GSet<int>>(crdt::binary::encode(crdt::GSet<int>{1, 2}));
    CHECK(set.has_value());
    CHECK(set.value().size() == 2);
    CHECK(set->size() == 2);
    CHECK(set.transform([](const auto& state) { return state.size(); }).value() == 2);
    const auto bad = crdt::binary::try_decode<crdt::GSet<int>>("");
    CHECK_FALSE(bad.has_value());
    CHECK(bad.value_or(crdt::GSet<int>{7}).contains(7));
    CHECK(bad.error().to_string() == "unexpected end of input at byte 0");
    CHECK_THROWS_AS(static_cast<void>(bad.value()), crdt::BadExpectedAccess);
    const auto next = [](const crdt::GSet<int>& state) -> crdt::Expected<int> {
        if (state.empty()) return crdt::DecodeError{"empty", ""};
        return *state.begin();
    };
    CHECK(set.and_then(next).value() == 1);
    CHECK(bad.and_then(next).error() == bad.error());
}

TEST_CASE("first hour: a text is read code point by code point") {
    crdt::Text<> text("ann", "na\u00EFve");
    std::u32string letters;
    for (const char32_t letter : text) letters += letter;
    CHECK(letters == U"na\u00EFve");
    CHECK(std::count(text.begin(), text.end(), U'a') == 1);
    text.erase(1, 3);
    CHECK(std::u32string(text.begin(), text.end()) == U"ne");
    CHECK(text.substr(1) == "e");
    text.clear();
    CHECK(text.begin() == text.end());
    crdt::ORMap<std::string, crdt::Text<>> notes;
    notes.update("today", [](auto& note) { return note.insert("ann", 0, "tea"); });
    CHECK(std::count(notes.view("today").begin(), notes.view("today").end(), U't') == 1);
}

TEST_CASE("first hour: a version vector is a range of replicas and numbers") {
    crdt::VersionVector<> vector;
    CHECK(vector.empty());
    vector.advance("a");
    vector.advance_to("b", 7);
    std::uint64_t all = 0;
    for (const auto& [replica, last] : vector) all += last.value();
    CHECK(all == 8);
    CHECK(vector.size() == 2);
}

TEST_CASE("first hour: dots, stamps, cursors and views are hashed and printed like states") {
    CHECK(std::unordered_set<crdt::Dot<>>{{"a", 1}, {"a", 1}, {"b", 1}}.size() == 2);
    crdt::HLC clock;
    clock.tick(5);
    const crdt::Stamp<> stamp{clock.time(), "a"};
    CHECK(std::unordered_set<crdt::Stamp<>>{stamp, stamp}.size() == 1);
    CHECK(std::unordered_set<crdt::HybridTime>{stamp.time}.size() == 1);
    const crdt::Text<> text("ann", "hi");
    const auto cursor = text.cursor(1, crdt::Side::left);
    CHECK(std::unordered_set<crdt::Cursor<>>{cursor}.contains(cursor));
    crdt::ORMap<std::string, crdt::AWSet<int>> sets;
    sets.update("x", [](auto& set) { return set.insert("a", 1); });
    CHECK(std::hash<crdt::View<crdt::AWSet<int>>>()(sets.view("x")) != 0);
    std::ostringstream out;
    out << crdt::Dot<>{"a", 7} << ", " << stamp << ", " << cursor << ", " << sets.view("x");
    CHECK(out.str() == R"("a"#7, 5.0@"a", after "ann"#1, {1: {"a"#1}})");
}

#if defined(__cpp_lib_ranges) && !defined(__clang__)
TEST_CASE("first hour: sets and lists are made of views, also of those without const iterators") {
    const std::vector<int> numbers{1, 2, 3, 4};
    const auto even = [&] {
        return numbers | std::views::filter([](int n) { return n % 2 == 0; });
    };
    CHECK(crdt::GSet<int>(even()) == crdt::GSet<int>{2, 4});
    CHECK(crdt::TwoPhaseSet<int>(even()).size() == 2);
    CHECK(crdt::AWSet<int>("a", even()).size() == 2);
    CHECK(crdt::RWSet<int>("a", even()).size() == 2);
    CHECK(crdt::Bag<int>("a", even()).total() == 2);
    CHECK(crdt::List<int>("a", even()).at(1) == 4);
    auto range = even();
    CHECK(crdt::GSet<int>(range).size() == 2);
    using Scores = crdt::GMap<int, crdt::Max<int>>;
    const Scores scores(
        even() | std::views::transform([](int n) { return std::pair(n, crdt::Max<int>(n)); }));
    CHECK(scores.view(4).value() == 4);
}

TEST_CASE("first hour: every container is a range") {
    static_assert(std::ranges::forward_range<crdt::List<int>>);
    static_assert(std::ranges::forward_range<crdt::Text<>>);
    static_assert(std::ranges::forward_range<crdt::VersionVector<>>);
    static_assert(std::ranges::bidirectional_range<crdt::GSet<int>>);
    static_assert(std::ranges::bidirectional_range<crdt::TwoPhaseSet<int>>);
    static_assert(std::ranges::bidirectional_range<crdt::AWSet<int>>);
    static_assert(std::ranges::bidirectional_range<crdt::RWSet<int>>);
    static_assert(std::ranges::bidirectional_range<crdt::Bag<int>>);
    static_assert(std::ranges::bidirectional_range<crdt::GMap<int, crdt::GCounter<>>>);
    static_assert(std::ranges::bidirectional_range<crdt::ORMap<int, crdt::AWSet<int>>>);
    static_assert(std::ranges::bidirectional_range<crdt::RWMap<int, crdt::AWSet<int>>>);
    static_assert(std::ranges::bidirectional_range<crdt::View<crdt::ORMap<int, crdt::AWSet<int>>>>);
    crdt::ORMap<std::string, crdt::AWSet<int>> map;
    map.update("b", [](auto& set) { return set.insert("a", 1); });
    map.update("a", [](auto& set) { return set.insert("a", 2); });
    std::string keys;
    for (const auto& key : map | std::views::keys) keys += key;
    CHECK(keys == "ab");
    crdt::GMap<std::string, crdt::Max<int>> best{{"x", crdt::Max<int>(5)}};
    for (const auto& score : best | std::views::values) CHECK(score.value() == 5);
    CHECK(std::ranges::find(best | std::views::keys, "x") !=
          std::ranges::end(best | std::views::keys));
    std::vector<int> backwards;
    for (const int each : crdt::GSet<int>{1, 2, 3} | std::views::reverse) backwards.push_back(each);
    CHECK(backwards == std::vector<int>{3, 2, 1});
    CHECK(std::ranges::count_if(crdt::RWSet<int>("a", {1, 2, 3}), [](int n) { return n > 1; }) ==
          2);
    CHECK(std::ranges::distance(map) == 2);
}
#endif

}  // namespace first_hour_tests
