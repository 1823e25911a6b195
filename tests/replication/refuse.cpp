// SPDX-License-Identifier: MIT
//! The hook of docs/how-to/metrics.md: a change is refused before it is joined, and requested
//! again.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include <crdt/hlc.hpp>
#include <crdt/lww_register.hpp>
#include <crdt/replication/replicator.hpp>

namespace refuse_tests {

using namespace crdt::replication;

namespace {

using Title = crdt::LWWRegister<std::string>;

/// Refuses stamps that are more than ten seconds ahead of the wall clock.
struct RefuseFarFuture {
    std::uint64_t* wall_clock;  // milliseconds

    std::optional<std::string> operator()(const Title&, const Title& change,
                                          const std::string&) const {
        if (!crdt::HLC::is_far_future(change.stamp().time, *wall_clock, 10'000)) return {};
        return "stamp from the far future";
    }
};

}  // namespace

TEST_CASE("replication: a stamp from the far future is joined when it is no longer far") {
    std::uint64_t wall_clock = 1'000'000;
    crdt::HLC fast_clock;
    Replicator<Title> fast{Epoch{2}};
    fast.update([&](Title& title) {
        return title.assign(fast_clock, wall_clock + 60'000, "fast", "from a minute ahead");
    });
    Replicator<Title, std::string, Policy, RefuseFarFuture> replicator{
        Epoch{1}, {}, RefuseFarFuture{&wall_clock}};

    Time now{};
    fast.set_peers({"careful"}, now);
    replicator.set_peers({"fast"}, now);
    fast.start(now);
    replicator.start(now);
    const auto run = [&](std::chrono::seconds duration) {
        for (const Time end = now + duration; now < end; now += std::chrono::milliseconds{100}) {
            for (const auto& [to, message] : fast.on_tick(now))
                replicator.on_message("fast", message, now);
            for (const auto& [to, message] : replicator.on_tick(now))
                fast.on_message("careful", message, now);
        }
    };
    run(std::chrono::seconds{10});
    CHECK_FALSE(replicator.state().has_value());
    CHECK(replicator.metrics().refused > 0);
    REQUIRE(replicator.last_refusal());
    CHECK(replicator.last_refusal()->from == "fast");
    CHECK(replicator.last_refusal()->reason == "stamp from the far future");

    wall_clock += 60'000;
    run(std::chrono::seconds{200});
    CHECK(replicator.state() == fast.state());
    CHECK(replicator.state().value() == "from a minute ahead");
}

}  // namespace refuse_tests
