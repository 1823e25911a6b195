// SPDX-License-Identifier: MIT
//! Tests that each number has one text, and that no other text is a number.
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/system/decimal.hpp>

namespace decimal_tests {

using crdt::system::decimal;
using crdt::system::DecimalRange;

namespace {

/// Returns texts similar to `good`, a number in canonical form, that are not numbers.
std::vector<std::string> relatives_of(const std::string& good) {
    const bool is_negative = good.front() == '-';
    const std::string sign = is_negative ? "-" : "", digits = good.substr(sign.size());
    std::vector<std::string> bad{sign + "0" + digits,
                                 sign + "00" + digits,
                                 sign + "0x" + digits,
                                 sign + "0b" + digits,
                                 "+" + good,
                                 "-" + sign + digits + "-",
                                 sign + "-" + digits + (is_negative ? "" : "-"),
                                 " " + good,
                                 good + " ",
                                 good + "\n",
                                 good + std::string(1, '\0'),
                                 good + "u",
                                 good + "e0",
                                 good + ".",
                                 sign + "." + digits,
                                 good + "," + digits,
                                 good + "'000",
                                 good + "_000",
                                 sign + "\xD9\xA1" + digits};
    return bad;
}

template <class Number>
void expect_only_canonical(std::mt19937_64& random) {
    using Limits = std::numeric_limits<Number>;
    std::vector<Number> numbers{0, 1, 7, 8, 10, Limits::max(), Limits::min()};
    for (int i = 0; i < 1000; ++i)
        numbers.push_back(static_cast<Number>(static_cast<Number>(random()) >>
                                              (random() % static_cast<unsigned>(Limits::digits))));
    for (const Number number : numbers) {
        const std::string text = std::to_string(number);
        CAPTURE(text);
        CHECK(decimal<Number>(text) == number);
        for (const std::string& bad : relatives_of(text))
            CHECK_MESSAGE(decimal<Number>(bad) == std::nullopt, "taken: '", bad, "'");
        // No canonical number ends in ".0".
        CHECK(decimal<Number>(text + ".0") == std::nullopt);
    }
    for (const std::string bad : {"", "-", "-0", "+", ".", "x", "many", "nan", "inf", "-inf", "ten",
                                  "1 0", "99999999999999999999999"}) {
        CHECK_MESSAGE(decimal<Number>(bad) == std::nullopt, "taken: '", bad, "'");
    }
    // One beyond each end.
    std::string above = std::to_string(Limits::max());
    ++above.back();  // the maximum of an integer type never ends in 9
    CHECK(decimal<Number>(above) == std::nullopt);
    std::string below = Limits::is_signed ? std::to_string(Limits::min()) : "-0";
    ++below.back();
    CHECK(decimal<Number>(below) == std::nullopt);
}

}  // namespace

TEST_CASE("decimal: each whole number has one form, and all other text is refused") {
    std::mt19937_64 random(17);
    expect_only_canonical<std::int64_t>(random);
    expect_only_canonical<std::uint64_t>(random);
    expect_only_canonical<std::int32_t>(random);
    expect_only_canonical<std::uint16_t>(random);
    // The named cases.
    for (const std::string bad :
         {"9223372036854775808", "12345678901234567890123", "010", "0x10", ""})
        CHECK(decimal<std::int64_t>(bad) == std::nullopt);
    CHECK(decimal<std::int64_t>("-9223372036854775808") ==
          std::numeric_limits<std::int64_t>::min());
    CHECK(decimal<std::uint64_t>("-1") == std::nullopt);
}

TEST_CASE("decimal: numbers with a fraction have no exponent, and are finite") {
    CHECK(decimal<double>("0") == 0.0);
    CHECK(decimal<double>("0.4") == 0.4);
    CHECK(decimal<double>("-0.25") == -0.25);
    CHECK(decimal<double>("20") == 20.0);
    CHECK(decimal<double>("1.50") == 1.5);
    for (const std::string bad :
         {"", ".5", "5.", "00.5", "01.5", "+0.5", "0x1p3", "1e3", "1E3", "1,5", "inf", "nan",
          "-nan", "-0", "-0.0", "0.5.5", "0.5f", " 0.5", "- 1"})
        CHECK_MESSAGE(decimal<double>(bad) == std::nullopt, "taken: '", bad, "'");
    CHECK(decimal<double>(std::string(400, '9')) == std::nullopt);
}

TEST_CASE("decimal: a range includes its ends, and reports what it expects and what it found") {
    const DecimalRange<int> range{1, 60000};
    CHECK(range.text() == "a whole number from 1 to 60000");
    for (const std::string good : {"1", "2", "59999", "60000"}) CHECK(range(good) == "");
    for (const std::string bad : {"0", "-1", "60001", "99999999999", "01", "0x1", ""})
        CHECK(range(bad) ==
              "expected " + range.text() + ", in decimal digits; found '" + bad + "'");
    CHECK(DecimalRange<std::int64_t>{}("-9223372036854775808") == "");
    CHECK(DecimalRange<double>{0.001, 1e6}("0") != "");
    CHECK(DecimalRange<double>{0.001, 1e6}("0.5") == "");
}

}  // namespace decimal_tests
