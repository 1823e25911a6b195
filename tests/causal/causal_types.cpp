// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/bag.hpp>
#include <crdt/causal/causal_map.hpp>
#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/view.hpp>
#include <crdt/dwflag.hpp>
#include <crdt/ewflag.hpp>
#include <crdt/list.hpp>
#include <crdt/mvregister.hpp>
#include <crdt/ormap.hpp>
#include <crdt/ostream.hpp>
#include <crdt/resettable_counter.hpp>
#include <crdt/rwmap.hpp>
#include <crdt/rwset.hpp>
#include <crdt/text.hpp>

namespace causal_types_tests {

using namespace crdt;

namespace {

/// A type that a user could make from a store.
class Pebbles : public CausalType<Pebbles, DotSet<>> {
  public:
    Pebbles drop(const std::string& id) { return change({}, DotSet<>{context().next(id)}); }
};

// Writes something visible, for each type.
Pebbles write(Pebbles& value, const std::string& id) { return value.drop(id); }
AWSet<int> write(AWSet<int>& value, const std::string& id) { return value.insert(id, 1); }
Bag<int> write(Bag<int>& value, const std::string& id) { return value.insert(id, 1); }
DWFlag<> write(DWFlag<>& value, const std::string& id) { return value.enable(id); }
EWFlag<> write(EWFlag<>& value, const std::string& id) { return value.enable(id); }
List<int> write(List<int>& value, const std::string& id) { return value.insert(id, 0, 1); }
Text<> write(Text<>& value, const std::string& id) { return value.insert(id, 0, "x"); }
MVRegister<int> write(MVRegister<int>& value, const std::string& id) { return value.assign(id, 1); }
RWSet<int> write(RWSet<int>& value, const std::string& id) { return value.insert(id, 1); }
ResettableCounter<> write(ResettableCounter<>& value, const std::string& id) {
    return value.add(id, 1);
}
template <class Value>
ORMap<int, Value> write(ORMap<int, Value>& map, const std::string& id) {
    return map.update(1, [&](Value& value) { return write(value, id); });
}
template <class Value>
RWMap<int, Value> write(RWMap<int, Value>& map, const std::string& id) {
    return map.update(id, 1, [&](Value& value) { return write(value, id); });
}

template <class Value>
bool is_visible(const Value& value) {
    return !Value::is_empty(value.store());
}
template <class Value>
bool is_visible(const View<Value>& value) {
    return !value.is_empty();
}
template <class Value>
bool stores(const Value& value) {
    return !value.store().is_bottom();
}

template <class Value>
concept Compacts = requires(Value& value) {
    value.compact("a");
};

}  // namespace

static_assert(CausalValue<Pebbles> && CausalValue<ORMap<int, Pebbles>>);
static_assert(CausalValue<Bag<int>> && CausalValue<MVRegister<int>> && CausalValue<EWFlag<>>);
static_assert(CausalValue<RWMap<int, RWSet<int>>>);
static_assert(!CausalValue<Causal<DotSet<>>>, "it has no words");

static_assert(ORMap<int, AWSet<int>>::reset_leaves_context_only &&
              RWMap<int, AWSet<int>>::reset_leaves_context_only);
static_assert(!Compacts<AWSet<int>> && !Compacts<ORMap<int, AWSet<int>>>);
static_assert(Compacts<ORMap<int, ORMap<int, ResettableCounter<>>>>);

#define OBLIVIOUS_TYPES                                                                        \
    Pebbles, AWSet<int>, Bag<int>, DWFlag<>, EWFlag<>, List<int>, MVRegister<int>, RWSet<int>, \
        Text<>, ORMap<int, AWSet<int>>, RWMap<int, RWSet<int>>
#define OTHER_TYPES                                       \
    ResettableCounter<>, RWMap<int, ResettableCounter<>>, \
        ORMap<int, ORMap<int, ResettableCounter<>>>

TEST_CASE_TEMPLATE("causal types: a reset undoes all received writes", Value, OBLIVIOUS_TYPES,
                   OTHER_TYPES) {
    Value a;
    CHECK_FALSE(is_visible(a));
    CHECK(a.reset("a").is_bottom());
    write(a, "a");
    Value b = a;
    CHECK(is_visible(a));
    write(b, "b");
    a.merge(b);
    CHECK(is_visible(a));

    const Value before = a;
    const Value delta = a.reset("a");
    CHECK_FALSE(is_visible(a));
    CHECK(delta == difference(a, before));
    CHECK(a.context() == before.context());
    b.merge(delta);
    CHECK(a == b);
    CHECK(a.reset("a").is_bottom());
    write(a, "a");
    CHECK(is_visible(a));
}

TEST_CASE_TEMPLATE("causal types: a reset leaves only context", Value, OBLIVIOUS_TYPES) {
    static_assert(Value::reset_leaves_context_only);
    Value a;
    write(a, "a");
    write(a, "b");
    const DotSet<> dots = a.lattice().store().dots();
    CHECK_FALSE(dots.is_bottom());
    const Value delta = a.reset("a");
    CHECK_FALSE(stores(a));
    CHECK_FALSE(stores(delta));
    CHECK(delta.context() == dots);
}

TEST_CASE_TEMPLATE("causal types: a concurrent write survives a reset", Value, OBLIVIOUS_TYPES,
                   OTHER_TYPES) {
    Value start;
    write(start, "a");
    const auto check = [&](const char* resetter, const char* writer) {
        CAPTURE(resetter);
        Value a = start, b = start;
        const Value reset = a.reset(resetter);
        const Value written = write(b, writer);
        a.merge(written);
        b.merge(reset);
        CHECK(a == b);
        CHECK(is_visible(a));
        a.reset(resetter);
        CHECK_FALSE(is_visible(a));
    };
    check("a", "b");
    check("b", "a");
}

TEST_CASE_TEMPLATE("causal types: compact removes what other replicas have undone", Value,
                   OTHER_TYPES) {
    static_assert(!Value::reset_leaves_context_only);
    Value a;
    write(a, "a");
    CHECK(a.compact("a").is_bottom());
    Value b = a;
    b.reset("b");
    CHECK_FALSE(is_visible(b));
    CHECK(stores(b));  // a may be writing
    CHECK(b.compact("b").is_bottom());

    a.merge(b);
    CHECK_FALSE(is_visible(a));
    const Value delta = a.compact("a");
    CHECK_FALSE(stores(a));
    CHECK_FALSE(is_visible(a));
    b.merge(delta);
    CHECK(a == b);
    CHECK(a.compact("a").is_bottom());
    write(a, "a");
    CHECK(is_visible(a));
}

TEST_CASE_TEMPLATE("causal maps: keys, size and contains include only keys with a visible value",
                   Value, Pebbles, DWFlag<>, RWMap<int, AWSet<int>>, ResettableCounter<>,
                   ORMap<int, ResettableCounter<>>) {
    using Keys = std::vector<std::string>;
    const auto writing = [](const std::string& id) {
        return [=](Value& value) { return write(value, id); };
    };
    ORMap<std::string, Value> a;
    for (const char* key : {"y", "z", "x"}) a.update(key, writing("a"));
    CHECK(a.keys() == Keys{"x", "y", "z"});
    CHECK(a.size() == 3);
    CHECK(a.contains("y"));
    CHECK_FALSE(a.contains("w"));

    ORMap<std::string, Value> b = a;
    b.erase("b", "x");
    b.erase("b", "y");
    CHECK(b.keys() == Keys{"z"});
    CHECK(b.size() == 1);
    CHECK_FALSE(b.contains("y"));
    CHECK(is_visible(b));

    a.update("y", writing("a"));
    a.merge(b);
    b.merge(a);
    CHECK(a == b);
    CHECK(b.keys() == Keys{"y", "z"});
    CHECK(is_visible(b.view("y")));
    b.reset("b");
    CHECK(b.keys().empty());
    CHECK_FALSE(is_visible(b));
}

TEST_CASE("causal maps: an erased key is not in the map, whatever content is stored") {
    RWMap<std::string, Pebbles> a;
    const auto drop = [](Pebbles& pebbles) { return pebbles.drop("a"); };
    a.update("a", "x", drop);
    a.update("a", "y", drop);
    RWMap<std::string, Pebbles> b = a;
    a.update("a", "x", drop);
    b.erase("b", "x");
    a.merge(b);
    CHECK(a.lattice().store().contains("x"));
    CHECK_FALSE(a.contains("x"));
    CHECK(a.keys() == std::vector<std::string>{"y"});
    CHECK(a.size() == 1);
    a.erase("a", "y");
    CHECK(stores(a));
    CHECK_FALSE(is_visible(a));
}

}  // namespace causal_types_tests
