// SPDX-License-Identifier: MIT
#include <string>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/format.hpp>
#include <crdt/gcounter.hpp>
#ifdef HAS_FMT
#include <crdt/fmt.hpp>
#endif

namespace {

/// What `format` makes of states.
template <class Format>
void check(Format&& format) {
    crdt::GCounter<> counter;
    counter.add("a", 2);
    crdt::AWSet<int> set;
    set.insert("b", 7);
    CHECK(format("{}", counter) == R"({"a": 2})");
    CHECK(format("{:>10}|", counter) == R"(  {"a": 2}|)");
    CHECK(format("{}", set) == R"({7: {"b"#1}} of {"b"#1})");
}

}  // namespace

#ifdef HAS_FMT
TEST_CASE("format: states with {fmt}") {
    check([](const char* text, const auto& state) {
        return fmt::vformat(text, fmt::make_format_args(state));
    });
}
#endif

#ifdef __cpp_lib_format
TEST_CASE("format: states with std::format") {
    check([](const char* text, const auto& state) {
        return std::vformat(text, std::make_format_args(state));
    });
}
#endif
