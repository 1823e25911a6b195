// SPDX-License-Identifier: MIT
//! Checkers: they decide whether a run was valid. For an invalid run they give all reasons.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "history.hpp"
#include "workload.hpp"

namespace cluster {

struct Verdict {
    std::vector<std::string> reasons;  ///< why the run is invalid
    json details = json::object();     ///< the findings of the workload's checker

    bool valid() const { return reasons.empty(); }
};

/// Checks a history. If `availability` is given, at least this fraction of the operations must be
/// ok.
Verdict judge(const History& history, const Workload& workload, std::optional<double> availability);

/// Returns all sums of subsets of the terms.
class SubsetSums {
    std::int64_t lowest_ = 0;
    std::vector<bool> reachable_;

  public:
    explicit SubsetSums(const std::vector<std::int64_t>& terms);
    bool contains(std::int64_t sum) const;
};

/// Returns the fraction of operations that were ok, or 1 if there were no operations.
double available_fraction(const History& history);

}  // namespace cluster
