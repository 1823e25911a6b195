// SPDX-License-Identifier: MIT
//! The check that each number on a command line goes through.
#pragma once

#include <limits>

#include <CLI/CLI.hpp>

#include <crdt/system/decimal.hpp>

/// Takes the decimal numbers from `least` to `most` alone. CLI11 by itself takes 010 for 8, 0x10
/// for 16, "" for 0, and the largest number for all that are larger.
template <class Number>
CLI::Validator numbers(Number least = std::numeric_limits<Number>::lowest(),
                       Number most = std::numeric_limits<Number>::max()) {
    const crdt::system::DecimalRange<Number> range{least, most};
    return {[range](const std::string& word) { return range(word); }, range.text(), "number"};
}
