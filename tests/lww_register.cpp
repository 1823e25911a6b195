// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/lww_register.hpp>

#include "support/menu.hpp"

namespace lww_register_tests {

using crdt::HLC;
using crdt::LWWRegister;
using crdt::Stamp;

namespace {

struct Write {
    std::uint64_t wall;
    std::uint32_t logical;
    int value;
};

/// A model: the write with the greatest stamp. A write with an older stamp than its replica's
/// register has no effect.
struct Model {
    using State = LWWRegister<int>;
    using Op = Write;
    using Seen = std::tuple<std::uint64_t, std::uint32_t, std::string, int>;
    using Events = std::vector<support::Event<Op>>;
    std::uint32_t count = 0;
    support::Known late;

    Op draw(support::Random& random) {
        return {random.below(3), count++, static_cast<int>(random.below(3))};
    }
    static State run(State& state, std::size_t replica, const Op& op) {
        return state.assign({{op.wall, op.logical}, support::replica_name(replica)}, op.value);
    }
    static Seen write(const support::Event<Op>& event) {
        const auto& [replica, op, seen] = event;
        return {op.wall, op.logical, support::replica_name(replica), op.value};
    }
    void happen(const Events& events) {
        if (write(events.back()) < expected(events, events.back().seen))
            late.add(events.size() - 1);
    }
    Seen expected(const Events& events, support::Known known) const {
        Seen last{};
        for (std::size_t i = 0; i < events.size(); ++i) {
            if (known.has(i) && !late.has(i)) last = std::max(last, write(events[i]));
        }
        return last;
    }
    static Seen actual(const State& state) {
        if (!state.has_value()) return {};
        const auto& stamp = state.stamp();
        return {stamp.time.wall, stamp.time.logical, stamp.replica, state.value()};
    }
};

/// For the laws, the value is computed from the stamp, so that equal stamps have equal values.
const bool listed = support::on_menu<LWWRegister<std::string>, Model>(
    "LWWRegister", [](auto& state, std::size_t replica, crdt::laws::Choices& choices) {
        const Stamp<> stamp{{choices.below(3), static_cast<std::uint32_t>(choices.below(2))},
                            support::replica_id<std::string>(replica)};
        return state.assign(stamp, crdt::to_string(stamp));
    });

}  // namespace

TEST_CASE("LWWRegister: of two writes at the same time, the greater replica id wins everywhere") {
    LWWRegister<int> a, b;
    a.assign({{5, 0}, "a"}, 1);
    b.assign({{5, 0}, "b"}, 2);
    LWWRegister<int> ab = a, ba = b;
    ab.merge(b);
    ba.merge(a);
    CHECK(ab == ba);
    CHECK(ab.value() == 2);
}

TEST_CASE("LWWRegister: an older write changes nothing") {
    LWWRegister<int> a;
    a.assign({{5, 1}, "a"}, 1);
    CHECK(a.assign({{5, 0}, "z"}, 2).is_bottom());
    CHECK(a.assign({{5, 1}, "a"}, 1).is_bottom());
    CHECK(a.value() == 1);
}

TEST_CASE(
    "LWWRegister: one stamp with two values is a conflict, and joins to the same state "
    "everywhere") {
    LWWRegister<int> a, b;
    a.assign({{5, 1}, "a"}, 1);
    b.assign({{5, 1}, "a"}, 2);
    CHECK(conflicts(a, b));
    const auto before = a;
    CHECK_THROWS_AS(a.assign({{5, 1}, "a"}, 2), std::invalid_argument);
    CHECK(a == before);
    LWWRegister<int> ab = a, ba = b;
    ab.merge(b);
    ba.merge(a);
    CHECK(ab == ba);
}

TEST_CASE("LWWRegister: the digest has the stamp and no value") {
    LWWRegister<std::string> a;
    a.assign({{5, 1}, "a"}, std::string(1000, 'x'));
    CHECK(crdt::json::encode_value(digest(a)) == R"([[5,1,"a"],true])");
    CHECK(difference(a, digest(a)).is_bottom());
}

TEST_CASE("LWWRegister: a stamp from the far future is refused before the join") {
    LWWRegister<int> here, strange;
    HLC clock;
    here.assign({clock.tick(1000).time(), "a"}, 1);
    strange.assign({{999999, 0}, "b"}, 2);
    const auto before = clock;
    CHECK(HLC::is_far_future(strange.stamp().time, 1000, 500));
    CHECK_THROWS_AS(clock.receive(strange.stamp().time, 1000, 500), std::invalid_argument);
    CHECK(clock == before);
}

}  // namespace lww_register_tests
