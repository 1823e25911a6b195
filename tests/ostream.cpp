// SPDX-License-Identifier: MIT
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include <crdt/crdt.hpp>
#include <crdt/ostream.hpp>

using namespace crdt;

namespace {

/// What is printed of an L after some writes.
template <class L, class... Write>
std::string printed(Write... write) {
    L state;
    (write(state), ...);
    std::ostringstream out;
    out << state;
    return out.str();
}

}  // namespace

TEST_CASE("ostream: counters and clocks") {
    CHECK(printed<GCounter<>>([](auto& c) { c.add("a", 2); }, [](auto& c) { c.add("b", 3); }) ==
          R"({"a": 2, "b": 3})");
    CHECK(printed<GCounter<int>>([](auto& c) { c.add(7, 2); }) == "{7: 2}");
}
