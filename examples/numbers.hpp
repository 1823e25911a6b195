// SPDX-License-Identifier: MIT
//! numbers: a validator of numbers on a command line.
#pragma once

#include <limits>

#include <CLI/CLI.hpp>

#include <crdt/system/decimal.hpp>

/// Accepts decimal numbers from `least` to `most`. CLI11 alone reads 010 as 8, 0x10 as 16, "" as 0,
/// and the largest number for all larger ones.
template <class Number>
CLI::Validator numbers(Number least = std::numeric_limits<Number>::lowest(),
                       Number most = std::numeric_limits<Number>::max()) {
    const crdt::system::DecimalRange<Number> range{least, most};
    return {[range](const std::string& word) { return range(word); }, range.text(), "number"};
}
