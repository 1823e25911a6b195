// SPDX-License-Identifier: MIT
//! Tests the state of the counter service: from every reachable state, operations lead back to
//! zero.
#include "counterd/counters.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/random.hpp>

namespace counters_tests {

using counterd::Applied;
using counterd::CounterKey;
using counterd::Counters;
using counterd::Kind;
using counterd::ReplicaId;
using crdt::Random;
using crdt::Total;

namespace {

constexpr auto greatest = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();
const std::string name = "x";
constexpr std::array<ReplicaId, 2> nodes{1, 2};

/// Two nodes, 1 and 2, which gossip on request.
class Pair {
    std::array<Counters, 2> states_;

  public:
    Counters& at(ReplicaId node) { return states_[node - 1]; }
    /// As CounterStore does it.
    void gossip(ReplicaId from, ReplicaId to) {
        const Counters growth = at(to).absorb(at(from));
        for (const CounterKey& key : growth.keys())
            if (key.kind == Kind::counter) at(to).compact(to, key.name);
        growth.visit_records(
            [&](const std::string& request, ReplicaId, const Applied&) { settle(to, request); });
    }
    /// Both applications of a request may then count.
    void settle(ReplicaId node, const std::string& request) {
        at(node).settle(node, request, [&](ReplicaId writer) { return writer == node; });
    }
    void gossip() {
        for (int i = 0; i < 2; ++i) {
            gossip(1, 2);
            gossip(2, 1);
        }
        REQUIRE(at(1) == at(2));
    }
};

/// Runs a mutator. If it throws, the state must be unchanged.
template <class Step>
bool attempt(Counters& state, Step&& step) {
    const Counters before = state;
    try {
        step(state);
        return true;
    } catch (const std::overflow_error&) {
    } catch (const std::out_of_range&) {
    } catch (const std::invalid_argument&) {
    }
    CHECK(state == before);
    return false;
}

std::int64_t draw_amount(Random& random) {
    constexpr std::array<std::int64_t, 8> amounts{
        1, 2, 7, greatest, greatest - 1, 9'000'000'000'000'000'000, greatest / 2, greatest / 2 + 2};
    const std::int64_t amount = amounts[random.below(amounts.size())];
    if (random.below(2) == 0) return amount;
    return random.below(20) == 0 ? least : -amount;
}

void step(Pair& pair, Random& random) {
    const ReplicaId node = 1 + random.below(2);
    Counters& state = pair.at(node);
    const std::int64_t amount = draw_amount(random);
    const std::uint64_t some = random.below(state.rights(name, node)) + 1;
    const std::string request = "q" + std::to_string(random.below(3));
    switch (random.below(14)) {
        case 10:
        case 11:
        case 12: {
            const Kind kind = random.below(2) == 0 ? Kind::counter : Kind::bounded;
            Applied adds{"add", "", {{name, kind, amount}}};
            if (random.below(2) == 0) adds.changes.push_back({"y", Kind::counter, -(amount / 2)});
            if (state.progress_of(request, adds) == Counters::Progress::unknown)
                attempt(state, [&](Counters& c) { c.add_all(node, request, adds); });
            break;
        }
        case 13: state.erase_record(node, request); break;
        case 0:
        case 1:
        case 2: attempt(state, [&](Counters& c) { c.add(node, name, amount); }); break;
        case 3:
        case 4: attempt(state, [&](Counters& c) { c.add_bounded(node, name, amount); }); break;
        case 5:
            attempt(state, [&](Counters& c) {
                c.add_bounded(node, name,
                              -static_cast<std::int64_t>(std::min<std::uint64_t>(
                                  some, static_cast<std::uint64_t>(greatest))));
            });
            break;
        case 6:
        case 7:
            attempt(state, [&](Counters& c) {
                c.transfer(node, 3 - node, name, random.below(2) == 0 ? some : 1);
            });
            break;
        case 8:
            if (random.below(4) == 0) attempt(state, [&](Counters& c) { c.reset(node, name); });
            break;
        default: pair.gossip(node, 3 - node);
    }
}

/// By adds only.
void lead_plain_to_zero(Counters& state, ReplicaId node) {
    for (int i = 0; i < 1000 && state.total(name, Kind::counter) != 0; ++i) {
        const Total total = state.total(name, Kind::counter);
        std::int64_t amount = 0;
        if (total.fits<std::int64_t>() && total > least)
            amount = -total.as<std::int64_t>();
        else
            amount = total > 0 ? -greatest : greatest;
        REQUIRE(attempt(state, [&](Counters& c) { c.add(node, name, amount); }));
    }
    CHECK(state.total(name, Kind::counter) == 0);
    CHECK(attempt(state, [&](Counters& c) { c.add(node, name, 1); }));
}
/// Each node subtracts what its rights allow.
void use_all_rights(Counters& state, ReplicaId node) {
    while (const std::uint64_t rights = state.rights(name, node)) {
        const auto amount = std::min<std::uint64_t>(rights, static_cast<std::uint64_t>(greatest));
        REQUIRE(attempt(state, [&](Counters& c) {
            c.add_bounded(node, name, -static_cast<std::int64_t>(amount));
        }));
    }
}

/// A node leaves the records of requests behind, whatever state they are in.
void erase_records(Counters& state, ReplicaId node) {
    for (int i = 0; i < 3; ++i) state.erase_record(node, "q" + std::to_string(i));
    CHECK(state.request_count() == 0);
    CHECK(attempt(state, [&](Counters& c) { c.add_all(node, "q0", {"add", "", {{name}}}); }));
}

void check_way_back(Pair pair) {
    // Without further gossip, each node can return on its own.
    for (const ReplicaId node : nodes) {
        Counters alone = pair.at(node);
        lead_plain_to_zero(alone, node);
        use_all_rights(alone, node);
        erase_records(alone, node);
        // A reset or a deletion, too.
        alone.reset(node, name);
        CHECK(alone.total(name, Kind::counter) == 0);
        CHECK_FALSE(alone.contains(name, Kind::counter));
    }
    pair.gossip();
    lead_plain_to_zero(pair.at(1), 1);
    for (const ReplicaId node : nodes) use_all_rights(pair.at(node), node);
    pair.gossip();
    CHECK(pair.at(1).total(name, Kind::bounded) == 0);
}

}  // namespace

TEST_CASE("counters: from every reachable state, allowed operations lead back to zero") {
    std::size_t out_of_range = 0;
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        Pair pair;
        for (std::uint64_t steps = random.below(60); steps > 0; --steps) step(pair, random);
        for (const ReplicaId node : nodes)
            for (const Kind kind : {Kind::counter, Kind::bounded})
                out_of_range += !pair.at(node).total(name, kind).fits<std::int64_t>();
        check_way_back(pair);
    }
    CHECK(out_of_range > 100);  // so it has been there
}

TEST_CASE("counters: concurrent adds beyond 64 bits are readable and can be subtracted again") {
    constexpr std::int64_t much = 9'000'000'000'000'000'000;
    for (const std::int64_t amount : {much, -much}) {
        Pair pair;
        for (const ReplicaId node : nodes) pair.at(node).add(node, name, amount);
        pair.gossip();
        Counters& state = pair.at(1);
        CHECK(state.total(name, Kind::counter).to_string() ==
              (amount > 0 ? "18000000000000000000" : "-18000000000000000000"));
        // The total cannot move further out of the range, not even by 1.
        CHECK_THROWS_AS(state.add(1, name, amount > 0 ? 1 : -1), std::overflow_error);
        CHECK(state.add(1, name, 0).is_bottom());
        state.add(1, name, -amount);
        CHECK(state.total(name, Kind::counter) == amount);
    }
    Pair pair;
    for (const ReplicaId node : nodes) pair.at(node).add_bounded(node, name, much);
    pair.gossip();
    CHECK(pair.at(2).total(name, Kind::bounded).to_string() == "18000000000000000000");
    CHECK_THROWS_AS(pair.at(2).add_bounded(2, name, 1), std::overflow_error);
    pair.at(2).add_bounded(2, name, -much);
    CHECK(pair.at(2).total(name, Kind::bounded) == much);
}

TEST_CASE(
    "counters: a bounded counter refuses an add that the node's slot could not subtract again") {
    Counters state;
    state.add_bounded(1, name, greatest);
    state.add_bounded(1, name, -greatest);
    CHECK_THROWS_AS(state.add_bounded(1, name, 1), std::overflow_error);
    state.add_bounded(2, name, 5);
    CHECK_THROWS_AS(state.transfer(2, 1, name, 1), std::overflow_error);
    state.add_bounded(2, name, -5);
    CHECK(state.total(name, Kind::bounded) == 0);
}

TEST_CASE("counters: lists contain each counter once, for all pages, kinds and resets") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        Counters state;
        std::map<CounterKey, bool> model;  // is it visible?
        for (int i = 0; i < 40; ++i) {
            const std::string each = std::string(1, static_cast<char>('a' + random.below(3))) +
                                     std::to_string(random.below(12));
            switch (random.below(4)) {
                case 0:
                    state.add_bounded(1, each, 1);
                    model[{each, Kind::bounded}] = true;
                    break;
                case 1:
                    // Another replica resets the counter, so an entry remains.
                    state.add(1, each, 1);
                    state.reset(2, each);
                    model[{each, Kind::counter}] = false;
                    break;
                default: state.add(1, each, 1); model[{each, Kind::counter}] = true;
            }
        }
        for (const std::string prefix : {"", "a", "b1", "z"}) {
            for (const std::optional<Kind> only :
                 {std::optional<Kind>(), std::optional(Kind::counter),
                  std::optional(Kind::bounded)}) {
                std::vector<CounterKey> expected;
                for (const auto& [key, is_visible] : model)
                    if (is_visible && key.name.starts_with(prefix) && (!only || *only == key.kind))
                        expected.push_back(key);
                std::vector<CounterKey> found;
                const std::size_t limit = 1 + random.below(5);
                std::optional<CounterKey> after;
                do {
                    const auto page = state.list(prefix, after, only, limit);
                    CHECK(page.keys.size() <= limit);
                    found.insert(found.end(), page.keys.begin(), page.keys.end());
                    after = page.last;
                } while (after);
                CHECK((found == expected));
            }
        }
    }
}

TEST_CASE("counters: a list begins after the given key, even if that key does not exist") {
    Counters state;
    for (const std::string each : {"a", "b", "c"}) state.add(1, each, 1);
    state.add_bounded(1, "b", 1);
    const auto names = [&](const std::string& prefix, const CounterKey& after) {
        std::string found;
        for (const CounterKey& key : state.list(prefix, after, std::nullopt, 9).keys)
            found += key.name + (key.kind == Kind::bounded ? "!" : "");
        return found;
    };
    CHECK(names("", {"", Kind::bounded}) == "abb!c");
    CHECK(names("b", {"a", Kind::bounded}) == "bb!");
    CHECK(names("b", {"b", Kind::counter}) == "b!");
    CHECK(names("b", {"b", Kind::bounded}) == "");
    CHECK(names("b", {"c", Kind::bounded}) == "");
    CHECK(names("a", {"b", Kind::counter}) == "");
}

TEST_CASE("counters: a list visits a limited number of counters that were reset") {
    Counters state;
    for (int i = 0; i < 25'000; ++i) state.add(1, "r" + std::to_string(i), 1);
    for (int i = 0; i < 25'000; ++i) state.reset(2, "r" + std::to_string(i));
    state.add(1, "s", 1);
    std::size_t pages = 0;
    std::optional<CounterKey> after;
    std::vector<CounterKey> found;
    do {
        const auto page = state.list("", after, std::nullopt, 1);
        found.insert(found.end(), page.keys.begin(), page.keys.end());
        after = page.last;
        ++pages;
    } while (after);
    CHECK(found.size() == 1);
    CHECK(pages >= 3);
    CHECK(pages <= 4);
}

}  // namespace counters_tests
