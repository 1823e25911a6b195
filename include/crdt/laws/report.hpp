// SPDX-License-Identifier: MIT
//! Report: the results of a check of the laws.
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

/// A violated law, and a counterexample: the smallest history or the smallest states that were
/// found.
struct Violation {
    /// The name of the law, as in list.hpp.
    std::string law;
    /// The states, or the history step by step.
    std::string counterexample;
    /// The result that was found and the result that was expected.
    std::string found = {};

    /// Returns the consequence for replicas, in words.
    std::string_view consequence() const {
        const Law* const entry = find_law(law);
        return entry == nullptr ? "a further law of this type" : text_of(entry->consequence);
    }
    /// Returns whether replicas can diverge. Returns false if replicas converge, but send too much
    /// or mislead a caller.
    bool diverges() const {
        const Law* const entry = find_law(law);
        return entry == nullptr || entry->consequence == Consequence::diverges;
    }
};

/// The results of a check.
struct Report {
    /// The seed that reproduces the check.
    std::uint64_t seed = 0;
    /// The number of checks. One law can be checked several times for one state, for example for
    /// each part.
    std::size_t checks = 0;
    /// The number of parts of the largest checked state. The report proves nothing about larger
    /// states.
    std::size_t most_parts = 0;
    /// True if the laws of codecs were checked, because the type has a crdt::Serializer.
    bool has_form = false;
    /// The violations, one for each law that does not hold.
    std::vector<Violation> violations = {};

    /// Returns whether all checks succeeded.
    bool ok() const { return violations.empty(); }
    /// Returns whether a check of this law failed.
    bool violates(std::string_view law) const {
        return std::any_of(violations.begin(), violations.end(),
                           [&](const Violation& violation) { return violation.law == law; });
    }
    /// Returns a text for the message of a test: the number of checks, each violation with its
    /// consequence and its counterexample, and the seed that reproduces them.
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

/// Records the laws that failed in one evaluation, and their results.
struct Findings {
    struct Failure {
        std::string law, found;
    };
    std::vector<Failure> failures = {};
    std::size_t checks = 0;
    std::size_t most_parts = 0;

    /// Records whether the law holds.
    void operator()(std::string_view law, bool holds) {
        (*this)(law, holds, [] { return std::string(); });
    }
    /// Records whether the law holds. If it does not, describe() returns the result found.
    template <std::invocable Describe>
    void operator()(std::string_view law, bool holds, Describe&& describe) {
        ++checks;
        if (!holds && find(law) == nullptr) failures.push_back({std::string(law), describe()});
    }
    /// Records whether the law holds, that is, whether `got` is equal to `expected`.
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
