// SPDX-License-Identifier: MIT
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <crdt/two_phase_set.hpp>

#include "support/menu.hpp"
#include "support/set_models.hpp"

namespace two_phase_set_tests {

using crdt::TwoPhaseSet;
using support::elements_of;
using support::Kind;

namespace {

/// A model: an element is in the set if an insert of it was received and no erase. An insert of a
/// present element, and an erase of an absent one, are not events.
struct Model {
    using State = TwoPhaseSet<int>;
    using Op = support::SetOp;
    using Events = std::vector<support::Event<Op>>;
    support::Known idle;

    static Op draw(support::Random& random) {
        return {random.below(3) == 0 ? Kind::remove : Kind::add, static_cast<int>(random.below(3))};
    }
    static State run(State& state, std::size_t, const Op& op) {
        return op.kind == Kind::add ? state.insert(op.element) : state.erase(op.element);
    }
    void happen(const Events& events) {
        const auto& last = events.back();
        const bool present = expected(events, last.seen).count(last.op.element) > 0;
        const bool removed = written(events, last.seen, Kind::remove).count(last.op.element) > 0;
        const bool works = last.op.kind == Kind::add ? !present && !removed : present;
        if (!works) idle.add(events.size() - 1);
    }
    std::set<int> written(const Events& events, support::Known known, Kind kind) const {
        std::set<int> elements;
        for (std::size_t i = 0; i < events.size(); ++i) {
            if (known.has(i) && !idle.has(i) && events[i].op.kind == kind)
                elements.insert(events[i].op.element);
        }
        return elements;
    }
    std::set<int> expected(const Events& events, support::Known known) const {
        std::set<int> present = written(events, known, Kind::add);
        for (const int element : written(events, known, Kind::remove)) present.erase(element);
        return present;
    }
    static std::set<int> actual(const State& state) { return elements_of(state); }
};

const bool listed = support::on_menu<TwoPhaseSet<std::string>, Model>(
    "TwoPhaseSet", [](auto& set, std::size_t, crdt::laws::Choices& choices) {
        const std::string element(choices.below(2), 'x');
        return choices.below(2) == 0 ? set.insert(element) : set.erase(element);
    });

}  // namespace

TEST_CASE("TwoPhaseSet: an erased element stays erased") {
    TwoPhaseSet<int> a;
    CHECK(a.erase(1).is_bottom());
    a.insert(1);
    a.insert(2);
    TwoPhaseSet<int> b = a;
    CHECK_FALSE(b.erase(1).is_bottom());
    CHECK(a.insert(1).is_bottom());
    a.merge(b);
    CHECK(elements_of(a) == std::set<int>{2});
    CHECK(a.insert(1).is_bottom());
    CHECK_FALSE(a.contains(1));
    CHECK(a.size() == 1);
}

}  // namespace two_phase_set_tests
