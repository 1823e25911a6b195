// SPDX-License-Identifier: MIT
#include <map>
#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

#include <crdt/gcounter.hpp>
#include <crdt/gmap.hpp>
#include <crdt/lww_register.hpp>
#include <crdt/pncounter.hpp>

#include "support/counter_models.hpp"
#include "support/menu.hpp"

namespace gmap_tests {

using crdt::GMap;

namespace {

using Counters = GMap<int, crdt::PNCounter<>>;

struct Model : support::CounterModel<Counters, support::BySign, 2> {
    static State run(State& state, std::size_t replica, const Op& op) {
        return state.update(op.key, [&](auto& counter) {
            return counter.add(support::replica_name(replica), op.amount);
        });
    }
    static std::map<int, std::int64_t> expected(const Events& events, support::Known known) {
        return sums(events, known);
    }
    static std::map<int, std::int64_t> actual(const State& state) {
        std::map<int, std::int64_t> result;
        for (const auto& [key, counter] : state) result[key] = counter.value();
        return result;
    }
};

const bool listed = support::on_menu<GMap<std::string, crdt::PNCounter<>>, Model>(
    "GMap", [](auto& map, std::size_t replica, crdt::laws::Choices& choices) {
        const std::string key(choices.below(2), 'k');
        return map.update(
            key, [&](auto& counter) { return support::add_anything(counter, replica, choices); });
    });

}  // namespace

TEST_CASE("GMap: entries are in the order of their keys, and lower_bound() finds any position") {
    GMap<std::string, crdt::GCounter<>> map;
    for (const char* key : {"b", "d", "a", "c"})
        map.update(key, [](auto& counter) { return counter.add("n", 1); });
    std::string keys;
    for (auto entry = map.lower_bound("bb"); entry != map.end(); ++entry) keys += entry->first;
    CHECK(keys == "cd");
    CHECK(map.lower_bound("e") == map.end());
    CHECK(map.lower_bound("") == map.begin());
}

TEST_CASE("GMap: a mutator that throws leaves no key behind") {
    GMap<std::string, crdt::GCounter<>> map;
    CHECK_THROWS_AS(map.update("k", [](auto& counter) { return counter.add("a", -1); }),
                    std::invalid_argument);
    CHECK(map.is_bottom());
    CHECK(map.view("k").value() == 0);
    CHECK(map.size() == 0);
}

TEST_CASE("GMap: the digest of a map of registers has no values") {
    GMap<std::string, crdt::LWWRegister<std::string>> map;
    map.update("k", [](auto& value) {
        return value.assign({{5, 0}, "a"}, std::string(1000, 'x'));
    });
    CHECK(crdt::json::encode_value(digest(map)) == R"({"k":[[5,0,"a"],true]})");
    CHECK(difference(map, digest(map)).is_bottom());
}

}  // namespace gmap_tests
