// SPDX-License-Identifier: MIT
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include <crdt/codec/json.hpp>
#include <crdt/detail/parse_double.hpp>
#include <crdt/random.hpp>

using crdt::detail::parse_double;
using crdt::detail::parse_double_by_strtod;

TEST_CASE("parse double: strtod and from_chars read the same") {
    using Limits = std::numeric_limits<double>;
    const auto expect = [](const std::string& text, std::optional<double> number) {
        CAPTURE(text);
        CHECK(parse_double(text) == number);
        CHECK(parse_double_by_strtod(text) == number);
    };
    expect("0", 0.0);
    expect("-0.0", -0.0);
    expect("0.00e-999", 0.0);
    expect("1.5", 1.5);
    expect("-12.25e1", -122.5);
    expect("2E3", 2000.0);
    expect("1.7976931348623157e308", (Limits::max)());
    expect("1.7976931348623159e308", std::nullopt);
    expect("-1e309", std::nullopt);
    expect("4.9406564584124654e-324", Limits::denorm_min());
    expect("1.5e-310", 1.5e-310);
    expect("1e-400", std::nullopt);
    expect("1.5x", std::nullopt);
    expect("1.2.3", std::nullopt);
}

TEST_CASE("parse double: every bit pattern of a number comes back") {
    crdt::Random random(1);
    for (int i = 0; i < 2000; ++i) {
        const auto bits = random.next();
        const double number = std::bit_cast<double>(bits);
        if (!(number - number == 0)) continue;  // NaN, or infinite
        const std::string text = crdt::json::encode_value(number);
        CAPTURE(text);
        const auto read = parse_double(text), by_strtod = parse_double_by_strtod(text);
        REQUIRE((read && by_strtod));
        CHECK(std::bit_cast<std::uint64_t>(*read) == bits);
        CHECK(std::bit_cast<std::uint64_t>(*by_strtod) == bits);
    }
}
