// SPDX-License-Identifier: MIT
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/lattice/value_order.hpp>
#include <crdt/mvregister.hpp>
#include <crdt/to_string.hpp>

#include "support/menu.hpp"
#include "support/set_models.hpp"

namespace mvregister_tests {

using crdt::MVRegister;

namespace {

/// A model: the values of the current writes. A write replaces all of them.
struct Model : support::SetModel<MVRegister<int>> {
    static Op draw(support::Random& random) {
        const Kind kind = random.below(6) == 0 ? Kind::reset : Kind::add;
        return {kind, static_cast<int>(random.below(element_count)), 0, element_count - 1};
    }
    static State run(State& state, std::size_t replica, const Op& op) {
        const std::string& id = support::replica_name(replica);
        return op.kind == Kind::add ? state.assign(id, op.element) : state.reset(id);
    }
    std::set<int> expected(const Events& events, Known known) const {
        return elements_where(events, known, support::has_add);
    }
    static std::set<int> actual(const State& state) {
        const auto values = state.values();
        return {values.begin(), values.end()};
    }
};

const bool listed = support::on_menu<MVRegister<std::string>, Model>(
    "MVRegister", [](auto& state, std::size_t replica, crdt::laws::Choices& choices) {
        const auto id = support::replica_id<std::string>(replica);
        if (choices.below(4) == 3) return state.reset(id);
        return state.assign(id, std::string(choices.below(3), 'x'));
    });

}  // namespace

TEST_CASE("MVRegister: all concurrent values are kept, sorted, each once") {
    MVRegister<std::string> a, b, c;
    a.assign("a", "red");
    b.assign("b", "blue");
    c.assign("c", "red");
    for (const auto& other : {b, c}) a.merge(other);
    CHECK(a.values() == std::vector<std::string>{"blue", "red"});
    a.assign("a", "mauve");
    b.merge(a);
    CHECK(b.values() == std::vector<std::string>{"mauve"});
    CHECK(MVRegister<int>().values().empty());
}

TEST_CASE("MVRegister: a floating-point value is printed as it is") {
    CHECK(to_string(MVRegister<double>("a", 0.1)).find("0.1") != std::string::npos);
    CHECK(to_string(MVRegister<bool>("a", true)).find("true") != std::string::npos);
}

TEST_CASE("MVRegister: the least value of a type can be assigned") {
    MVRegister<int> a;
    const auto delta = a.assign("a", std::numeric_limits<int>::min());
    CHECK(part_count(delta) == 1);
    CHECK(a.values() == std::vector<int>{std::numeric_limits<int>::min()});
}

TEST_CASE(
    "MVRegister: one dot with two values is a conflict, and joins to the same state everywhere") {
    MVRegister<int> a, b;  // two replicas under one id: a mistake
    a.assign("same", 1);
    b.assign("same", 2);
    CHECK(conflicts(a, b));
    MVRegister<int> ab = a, ba = b;
    ab.merge(b);
    ba.merge(a);
    CHECK(ab == ba);
    CHECK_FALSE(conflicts(ab, MVRegister<int>()));
}

}  // namespace mvregister_tests
