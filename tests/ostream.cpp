// SPDX-License-Identifier: MIT
#include <cstdint>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include <crdt/crdt.hpp>
#include <crdt/ostream.hpp>

#include "support/golden.hpp"
#include "support/types.hpp"

namespace ostream_tests {

using namespace crdt;

namespace {

using String = std::string;

/// Returns the printed text of an L after `write` has written to it.
template <class L>
String printed(void (*write)(L&) = [](L&) {}) {
    L state;
    write(state);
    std::ostringstream out;
    out << state;
    return out.str();
}

}  // namespace

TEST_CASE("ostream: the samples of all types are printed as in tests/golden/printed.txt") {
    String lines;
    support::for_each_type([&](auto row) {
        using State = typename decltype(row)::state_type;
        lines += String(row.name) + ": " + printed<State>(support::write_sample) + "\n";
    });
    lines.pop_back();
    support::pin("printed.txt", lines);
}

TEST_CASE("ostream: counters are printed by replica") {
    CHECK(printed<GCounter<>>([](auto& x) {
              x.add("a", 2);
              x.add("b", 3);
          }) == R"({"a": 2, "b": 3})");
    CHECK(printed<GCounter<int>>([](auto& x) { x.add(7, 2); }) == R"({7: 2})");
    // added, taken away
    CHECK(printed<PNCounter<>>([](auto& x) {
              x.add("a", 2);
              x.add("a", -5);
          }) == R"({"a": (2, 5)})");
    // version -> value
    CHECK(printed<LexCounter<>>([](auto& x) {
              x.add("a", 2);
              x.add("a", -5);
          }) == R"({"a": 2 -> -3})");
    // the counter, and which replica gave how much to which
    CHECK(printed<BoundedCounter<>>([](auto& x) {
              x.add("a", 9);
              x.transfer("a", "b", 4);
          }) == R"(({"a": (9, 0)}, {"a": {"b": 4}}))");
    // dot: ((added, taken away), (undone of either)), of what was seen
    CHECK(printed<ResettableCounter<>>([](auto& x) {
              x.add("a", 5);
              x.add("a", -2);
              x.reset("b");
              x.add("a", 1);
          }) == R"({"a"#1: ((6, 2), (5, 2))} of {"a"#1})");
}

TEST_CASE("ostream: sets and bags are printed") {
    CHECK(printed<GSet<int>>([](auto& x) {
              x.insert(8);
              x.insert(7);
          }) == R"({7: true, 8: true})");
    CHECK(printed<TwoPhaseSet<int>>([](auto& x) {
              x.insert(7);
              x.insert(8);
              x.erase(8);
          }) == R"({7: lower true, 8: upper ()})");
    // element: the dots in force, of those seen
    CHECK(printed<AWSet<String>>([](auto& x) {
              x.insert("a", "fig");
              x.insert("a", "kiwi");
              x.erase("fig");
          }) == R"({"kiwi": {"a"#2}} of {"a"#1..2})");
    CHECK(printed<RWSet<String>>([](auto& x) {
              x.insert("a", "fig");
              x.erase("b", "kiwi");
          }) == R"({"fig": {"a"#1: true}, "kiwi": {"b"#1: false}} of {"a"#1, "b"#1})");
    CHECK(printed<Bag<String>>([](auto& x) {
              x.insert("a", "nail", 100);
              x.erase("a", "nail", 30);
          }) == R"({"nail": {"a"#31..100}} of {"a"#1..100})");
}

TEST_CASE("ostream: flags and registers are printed") {
    CHECK(printed<EWFlag<>>([](auto& x) { x.enable("a"); }) == R"({"a"#1} of {"a"#1})");
    CHECK(printed<EWFlag<>>([](auto& x) {
              x.enable("a");
              x.disable();
          }) == R"({} of {"a"#1})");
    CHECK(printed<DWFlag<>>([](auto& x) {
              x.enable("a");
              x.disable("b");
          }) == R"({"b"#1: false} of {"a"#1, "b"#1})");
    CHECK(printed<MVRegister<String>>([](auto& x) { x.assign("a", "red"); }) ==
          R"({"a"#1: "red"} of {"a"#1})");
    // wall clock . events at that reading @ replica -> value
    CHECK(printed<LWWRegister<String>>([](auto& x) {
              x.assign({{1000, 2}, "a"}, "red");
          }) == R"(1000.2@"a" -> "red")");
    CHECK(printed<LWWRegister<String>>() == R"(0.0@"" -> -)");
}

TEST_CASE("ostream: maps are printed with their values") {
    CHECK(printed<GMap<String, GCounter<>>>([](auto& x) {
              x.update("apples", [](auto& c) { return c.add("a", 2); });
          }) == R"({"apples": {"a": 2}})");
    CHECK(printed<ORMap<String, AWSet<int>>>([](auto& x) {
              x.update("k", [](auto& set) { return set.insert("a", 7); });
          }) == R"({"k": {7: {"a"#1}}} of {"a"#1})");
    CHECK(printed<ORMap<int, ORMap<String, MVRegister<bool>>>>([](auto& x) {
              x.update(1, [](auto& inner) {
                  return inner.update("k", [](auto& value) { return value.assign("a", true); });
              });
          }) == R"({1: {"k": {"a"#1: true}}} of {"a"#1})");
    // (the removes in force, the value)
    CHECK(printed<RWMap<String, EWFlag<>>>([](auto& x) {
              x.update("a", "k", [](auto& flag) { return flag.enable("a"); });
              x.erase("b", "gone");
          }) == R"({"gone": ({"b"#1}, {}), "k": ({}, {"a"#1})} of {"a"#1, "b"#1})");
}

TEST_CASE("ostream: records are printed with the names of their fields") {
    using Task = Record<Field<"title", MVRegister<String>>, Field<"done", EWFlag<>>>;
    CHECK(printed<Task>() == "{title: {}, done: {}} of {}");
    CHECK(printed<ORMap<String, Task>>([](auto& x) {
              x.update("1", [](Task& task) {
                  return task.update<"done">([](auto& done) { return done.enable("a"); });
              });
          }) == R"({"1": {title: {}, done: {"a"#1}}} of {"a"#1})");
}

TEST_CASE("ostream: clocks are printed") {
    CHECK(printed<HLC>([](auto& x) {
              x.tick(1000);
              x.tick(999);
          }) == "1000.1");
    CHECK(printed<VersionVector<>>([](auto& x) { x.advance_to("a", 3); }) == R"({"a": 3})");
}

TEST_CASE("ostream: lattices and dots are printed") {
    CHECK(printed<Max<int>>([](auto& x) { x.advance(3); }) == "3");
    CHECK(printed<Min<std::uint8_t>>() == "255");
    CHECK(printed<Max<String>>([](auto& x) { x.advance("z"); }) == R"("z")");
    CHECK(printed<Product<Max<bool>, Unit, MapOf<int, Max<int>>>>() == "(false, (), {})");
    CHECK(printed<DotSet<>>([](auto& x) {
              x.merge({{"a", 1}, {"a", 2}, {"a", 3}, {"a", 5}});
          }) == R"({"a"#1..3, "a"#5})");
    CHECK(printed<CausalContext<int>>([](auto& x) { x.merge({{7, 1}}); }) == "{7#1}");
}

}  // namespace ostream_tests
