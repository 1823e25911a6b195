// SPDX-License-Identifier: MIT
#include <string>

#include <doctest/doctest.h>

#include <crdt/format.hpp>
#include <crdt/gcounter.hpp>
#ifdef HAS_FMT
#include <crdt/fmt.hpp>
#endif

#include "support/types.hpp"

namespace format_tests {

namespace {

/// Checks that `format` gives the text of to_string(), with the fill and the width of a string.
template <class Format>
void check(Format&& format) {
    support::for_each_type([&](auto row) {
        const auto state = support::sample<typename decltype(row)::state_type>();
        CHECK(format("{}", state) == to_string(state));
    });
    crdt::GCounter<> counter;
    counter.add("a", 2);
    CHECK(format("{:>10}|", counter) == R"(  {"a": 2}|)");
}

}  // namespace

#ifdef HAS_FMT
TEST_CASE("format: {fmt} prints states") {
    check([](const char* text, const auto& state) {
        return fmt::vformat(text, fmt::make_format_args(state));
    });
}
#endif

#ifdef __cpp_lib_format
TEST_CASE("format: std::format prints states") {
    check([](const char* text, const auto& state) {
        return std::vformat(text, std::make_format_args(state));
    });
}
#endif

}  // namespace format_tests
