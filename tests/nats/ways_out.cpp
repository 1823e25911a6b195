// SPDX-License-Identifier: MIT
//! Tests the state of the counter service: from every reachable state, operations lead back to
//! zero. A node departs now and then, is pruned, and returns.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/random.hpp>

#include "counterd/refill_plan.hpp"
#include "departing.hpp"
#include "support/seeds.hpp"

namespace ways_out_tests {

using namespace counterd;
using crdt::Random;
using crdt::Total;
using support::Departing;

namespace {

constexpr std::uint64_t greatest = highest;
const std::string name = "x";

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
        1, 2, 7, highest, highest - 1, 9'000'000'000'000'000'000, highest / 2, highest / 2 + 2};
    const std::int64_t amount = amounts[random.below(amounts.size())];
    if (random.below(2) == 0) return amount;
    return random.below(20) == 0 ? lowest : -amount;
}

/// What has happened in all runs.
struct Seen {
    std::size_t prunings = 0, returns = 0, refused_resets = 0, out_of_range = 0;
};

/// A verb that changes counters, with a request id or without one, as the service runs it.
void change(Departing& nodes, std::size_t node, Random& random, Seen& seen) {
    Counters& state = nodes.at(node);
    const ReplicaId id = nodes.id(node);
    const std::size_t other = (node + 1 + random.below(2)) % Departing::count;
    const ReplicaId to = nodes.id(other);
    // A node that has returned may not have received yet that it was pruned.
    const bool is_member = !nodes.is_away(other) && !state.pruned().contains(to);
    const std::int64_t amount = draw_amount(random);
    const std::uint64_t rights = state.rights(name, id), some = random.below(rights) + 1;
    const std::string request = "q" + std::to_string(random.below(3));
    const Kind kind = random.below(2) == 0 ? Kind::counter : Kind::bounded;
    Applied work{"add", "", {{name, kind, amount}}};
    switch (random.below(9)) {
        case 0:
        case 1: attempt(state, [&](Counters& c) { c.add(id, name, amount); }); return;
        case 2: attempt(state, [&](Counters& c) { c.add_bounded(id, name, amount); }); return;
        case 3:
            attempt(state, [&](Counters& c) {
                c.add_bounded(id, name, -static_cast<std::int64_t>(std::min(some, greatest)));
            });
            return;
        case 4:
            if (random.below(2) == 0) work.changes.push_back({"y", Kind::counter, -(amount / 2)});
            if (state.progress_of(request, work) == Counters::Progress::unknown)
                attempt(state, [&](Counters& c) { c.add_all(id, request, work); });
            return;
        case 5:
            // A refill: this node gives a share of its rights.
            if (const std::uint64_t share = RefillPlan::share(rights, some);
                share != 0 && is_member)
                attempt(state, [&](Counters& c) { c.transfer(id, to, name, share); });
            return;
        case 6:
            if (is_member) attempt(state, [&](Counters& c) { c.hand_over(id, to, name); });
            return;
        case 7:
            work = {"transfer", "other", {{name, Kind::bounded, 1}}};
            if (is_member && state.progress_of(request, work) == Counters::Progress::unknown)
                attempt(state, [&](Counters& c) {
                    c.transfer(id, to, name, 1);
                    c.record(id, request, work);
                });
            return;
        default:
            if (random.below(2) == 0) return;
            work = {random.below(2) == 0 ? "reset" : "delete", "", {{name, Kind::counter}}};
            if (state.progress_of(request, work) != Counters::Progress::unknown) return;
            if (nodes.is_collecting(node)) {
                ++seen.refused_resets;
                return;
            }
            state.reset(id, name);
            state.record(id, request, work);
    }
}

void step(Departing& nodes, Random& random, Seen& seen) {
    std::size_t node = random.below(Departing::count);
    if (nodes.is_away(node)) node = random.below(2);
    const std::size_t other = (node + 1 + random.below(2)) % Departing::count;
    const std::uint64_t drawn = random.below(20);
    if (drawn < 4)
        nodes.gossip(node, other);
    else if (drawn < 7)
        nodes.tick(node);
    else if (drawn < 12)
        nodes.deliver(random);
    else if (drawn == 12)
        nodes.depart();
    else if (drawn == 13)
        nodes.come_back(random.below(3) != 0);
    else if (drawn == 14)
        nodes.at(node).erase_record(nodes.id(node), "q" + std::to_string(random.below(3)));
    else
        change(nodes, node, random, seen);
}

/// By adds only.
void lead_plain_to_zero(Counters& state, ReplicaId id) {
    for (int i = 0; i < 1000 && state.total(name, Kind::counter) != 0; ++i) {
        const Total total = state.total(name, Kind::counter);
        std::int64_t amount = 0;
        if (total.fits<std::int64_t>() && total > lowest)
            amount = -total.as<std::int64_t>();
        else
            amount = total > 0 ? -highest : highest;
        REQUIRE(attempt(state, [&](Counters& c) { c.add(id, name, amount); }));
    }
    CHECK(state.total(name, Kind::counter) == 0);
    CHECK(attempt(state, [&](Counters& c) { c.add(id, name, 1); }));
}
/// A node subtracts what its rights allow.
void use_all_rights(Counters& state, ReplicaId id) {
    while (const std::uint64_t rights = state.rights(name, id)) {
        const auto amount = static_cast<std::int64_t>(std::min(rights, greatest));
        REQUIRE(attempt(state, [&](Counters& c) { c.add_bounded(id, name, -amount); }));
    }
}
/// A node leaves the records of requests behind, whatever state they are in.
void erase_all(Counters& state, ReplicaId id) {
    for (int i = 0; i < 3; ++i) state.erase_record(id, "q" + std::to_string(i));
    CHECK(state.request_count() == 0);
    CHECK(attempt(state, [&](Counters& c) { c.add_all(id, "q0", {"add", "", {{name}}}); }));
}

/// Without further gossip, each node can return on its own.
void check_way_back_of(Counters alone, ReplicaId id) {
    lead_plain_to_zero(alone, id);
    use_all_rights(alone, id);
    erase_all(alone, id);
    // A reset or a deletion, too.
    alone.reset(id, name);
    CHECK(alone.total(name, Kind::counter) == 0);
    CHECK_FALSE(alone.contains(name, Kind::counter));
}

void check_way_back(Departing& nodes) {
    for (std::size_t i = 0; i < Departing::count; ++i) check_way_back_of(nodes.at(i), nodes.id(i));
    nodes.finish();
    lead_plain_to_zero(nodes.at(0), nodes.id(0));
    for (std::size_t i = 0; i < Departing::count; ++i) use_all_rights(nodes.at(i), nodes.id(i));
    nodes.finish();
    // If departed replicas have 2^62 rights or more, a member gets only a part of them.
    const std::uint64_t unusable = nodes.at(0).rights(name, successor);
    CHECK(nodes.at(0).total(name, Kind::bounded) == unusable);
    for (std::size_t i = 0; i < Departing::count; ++i) CHECK_FALSE(nodes.is_collecting(i));
}

}  // namespace

TEST_CASE("ways out: from every reachable state, allowed operations lead back to zero") {
    Seen seen;
    constexpr std::uint64_t histories = support::seeds(3000);
    for (std::uint64_t seed = 0; seed < histories; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        Departing nodes;
        for (std::uint64_t steps = random.below(150); steps > 0; --steps) step(nodes, random, seen);
        for (std::size_t i = 0; i < Departing::count; ++i)
            for (const Kind kind : {Kind::counter, Kind::bounded})
                seen.out_of_range += !nodes.at(i).total(name, kind).fits<std::int64_t>();
        seen.prunings += nodes.at(0).generation() != 0;
        seen.returns += nodes.was_pruned(Departing::guest);
        check_way_back(nodes);
    }
    // So it has been there.
    CHECK(seen.prunings > histories / 30);
    CHECK(seen.returns > histories / 30);
    CHECK(seen.refused_resets > histories / 30);
    CHECK(seen.out_of_range > histories / 30);
}

}  // namespace ways_out_tests
