// SPDX-License-Identifier: MIT
//! Report: what a check of the laws found.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/laws/history.hpp>
#include <crdt/laws/list.hpp>

namespace crdt::laws {

/// A law that does not hold, with the smallest history or states found that show it.
struct Violation {
    /// As list.hpp names it.
    std::string law;
    /// The history, step by step, or the states.
    std::string counterexample;
    /// What was found and what the law expects.
    std::string found = {};

    /// The consequence for replicas, in words.
    std::string_view consequence() const {
        const Law* const entry = find_law(law);
        return entry == nullptr ? "a further law of this type" : text_of(entry->consequence);
    }
    /// Can replicas diverge? No, if only deltas are too large, or callers are misled.
    bool diverges() const {
        const Law* const entry = find_law(law);
        return entry == nullptr || entry->consequence == Consequence::diverges;
    }
};

/// What a check found.
struct Report {
    /// The seed that reproduces the check.
    std::uint64_t seed = 0;
    /// How many laws were checked, each counted once for every state or history.
    std::size_t checks = 0;
    /// The parts of the largest state checked: the report shows nothing about larger states.
    std::size_t most_parts = 0;
    /// Were the laws of codecs checked? Only where there is a crdt::Serializer of the type.
    bool has_form = false;
    /// The violations, one for each law that does not hold.
    std::vector<Violation> violations = {};

    /// Do all laws hold, as far as they were checked?
    bool ok() const { return violations.empty(); }
    /// Is that law violated?
    bool violates(std::string_view law) const {
        return std::any_of(violations.begin(), violations.end(),
                           [&](const Violation& violation) { return violation.law == law; });
    }
    /// A text for the message of a test: how much was checked, each violation with its consequence
    /// and its counterexample, and the seed that reproduces them.
    std::string text() const {
        std::string result = std::to_string(checks) + " checks, seed " + std::to_string(seed) +
                             ", reached at most " + std::to_string(most_parts) + " parts";
        if (!has_form) result += "; no crdt::Serializer, so no codec was checked";
        if (!ok()) result += "\n";
        for (const Violation& violation : violations) {
            result +=
                "violated: " + violation.law + " (" + std::string(violation.consequence()) + ")\n";
            if (!violation.found.empty()) result += "  " + violation.found + "\n";
            result += violation.counterexample;
        }
        return result;
    }
};

namespace detail {

/// Records which laws failed in one evaluation, and how.
struct Findings {
    struct Failure {
        std::string law, found;
    };
    std::vector<Failure> failures = {};
    std::size_t checks = 0;
    std::size_t most_parts = 0;

    /// Does the law hold?
    void operator()(std::string_view law, bool holds) {
        (*this)(law, holds, [] { return std::string(); });
    }
    /// Does the law hold? If not, describe() returns what was found.
    template <std::invocable Describe>
    void operator()(std::string_view law, bool holds, Describe&& describe) {
        ++checks;
        if (!holds && find(law) == nullptr) failures.push_back({std::string(law), describe()});
    }
    /// Does the law hold: is `got` equal to `expected`?
    template <class Got, std::equality_comparable_with<Got> Expected>
        requires(!std::invocable<const Expected&>)
    void operator()(std::string_view law, const Got& got, const Expected& expected) {
        (*this)(law, got == expected,
                [&] { return "got " + value_text(got) + ", expected " + value_text(expected); });
    }

    const Failure* find(std::string_view law) const {
        const auto found = std::find_if(failures.begin(), failures.end(),
                                        [&](const Failure& failure) { return failure.law == law; });
        return found == failures.end() ? nullptr : &*found;
    }
};

}  // namespace detail
}  // namespace crdt::laws
