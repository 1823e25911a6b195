// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>
#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/hlc.hpp>

#include "support/menu.hpp"

namespace hlc_tests {

using crdt::HLC;
using crdt::HybridTime;

namespace {

/// A model: the latest time of the received events. Each event is later than all events that it
/// follows.
struct Model {
    using State = HLC;
    using Op = std::uint64_t;  // the wall clock
    std::vector<HybridTime> times;

    static Op draw(support::Random& random) { return random.below(6); }
    static State run(State& state, std::size_t, const Op& now) { return state.tick(now); }
    void happen(const std::vector<support::Event<Op>>& events) {
        const HybridTime before = latest(events.back().seen);
        const HybridTime wall{events.back().op, 0};
        times.push_back(before < wall ? wall : HybridTime{before.wall, before.logical + 1});
    }
    HybridTime latest(support::Known known) const {
        HybridTime result;
        for (std::size_t i = 0; i < times.size(); ++i) {
            if (known.has(i)) result = std::max(result, times[i]);
        }
        return result;
    }
    HybridTime expected(const std::vector<support::Event<Op>>&, support::Known known) const {
        return latest(known);
    }
    static HybridTime actual(const State& state) { return state.time(); }
};

const bool listed =
    support::on_menu<HLC, Model>("HLC", [](HLC& clock, std::size_t, crdt::laws::Choices& choices) {
        if (choices.below(2) == 0) return clock.tick(choices.number<std::uint64_t>());
        const HybridTime time{choices.number<std::uint64_t>(), choices.number<std::uint32_t>()};
        return clock.receive(time, 10, choices.number<std::uint64_t>());
    });

constexpr auto last_wall = std::numeric_limits<std::uint64_t>::max();
constexpr auto last_logical = std::numeric_limits<std::uint32_t>::max();

}  // namespace

TEST_CASE("HLC: it stays close to the wall clock and never goes back") {
    HLC clock;
    CHECK(clock.tick(10).time() == HybridTime{10, 0});
    CHECK(clock.tick(10).time() == HybridTime{10, 1});
    CHECK(clock.tick(3).time() == HybridTime{10, 2});
    CHECK(clock.tick(11).time() == HybridTime{11, 0});
    clock.receive({14, 7}, 12, 2);
    CHECK(clock.tick(12).time() == HybridTime{14, 8});
}

TEST_CASE("HLC: a time in the far future is refused, and the allowed drift is accepted") {
    HLC clock;
    clock.tick(100);
    const HLC before = clock;
    CHECK_THROWS_AS(clock.receive({151, 0}, 100, 50), std::invalid_argument);
    CHECK_THROWS_AS(clock.receive({last_wall, last_logical}, 100, 50), std::invalid_argument);
    CHECK(clock == before);
    CHECK_NOTHROW(clock.receive({150, last_logical}, 100, 50));
    CHECK_FALSE(HLC::is_far_future({last_wall, 0}, last_wall, 0));
    CHECK_FALSE(HLC::is_far_future({0, 0}, last_wall, 0));
}

TEST_CASE("HLC: when the count of events is used up, the reading goes up by one") {
    HLC clock(HybridTime{7, last_logical});
    CHECK(clock.tick(3).time() == HybridTime{8, 0});
    HLC end(HybridTime{last_wall, last_logical});
    const HLC before = end;
    CHECK_THROWS_AS(end.tick(3), std::overflow_error);
    CHECK(end == before);
}

TEST_CASE("HLC: a clock that starts from its durable mark never repeats a time") {
    HLC clock;
    HybridTime durable{};
    std::vector<HybridTime> given;
    for (std::uint64_t now = 100; now < 130; now += 2) {
        if (durable <= clock.time() || durable.wall <= now) {
            HLC ahead = clock;
            ahead.tick(now);
            durable = ahead.high_water(10);
        }
        given.push_back(clock.tick(now).time());
        CHECK(given.back() <= durable);
    }
    HLC restarted(durable);                           // after a crash
    CHECK(restarted.tick(90).time() > given.back());  // with a wall clock that went back
    CHECK(HLC(HybridTime{last_wall - 1, 0}).high_water(5).wall == last_wall);
}

}  // namespace hlc_tests
