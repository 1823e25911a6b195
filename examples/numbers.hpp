// SPDX-License-Identifier: MIT
//! numbers: a validator of numbers on a command line.
#pragma once

#include <limits>

#include <CLI/CLI.hpp>

#include <crdt/system/decimal.hpp>

/// Returns a validator that accepts decimal numbers from `least` to `most`. Without this validator,
/// CLI11 reads 010 as 8, 0x10 as 16 and "" as 0, and it reads a number that is too large as the
/// largest one.
template <class Number>
CLI::Validator numbers(Number least = std::numeric_limits<Number>::lowest(),
                       Number most = std::numeric_limits<Number>::max()) {
    const crdt::system::DecimalRange<Number> range{least, most};
    return {[range](const std::string& word) { return range(word); }, range.text(), "number"};
}
