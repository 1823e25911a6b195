// SPDX-License-Identifier: MIT
//! Quantiles of a sample.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace cluster {

/// Returns the q-quantile of a sorted, non-empty sample: the smallest element x such that at least
/// the fraction q of the sample is not greater than x.
inline double quantile(const std::vector<double>& sorted, double q) {
    const auto rank = std::ceil(q * static_cast<double>(sorted.size()));
    return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

/// {count, "0.5", "0.95", "0.99", "1"}; null of an empty sample.
inline nlohmann::json summary(std::vector<double> sample) {
    if (sample.empty()) return nullptr;
    std::sort(sample.begin(), sample.end());
    return {{"count", sample.size()},
            {"0.5", quantile(sample, 0.5)},
            {"0.95", quantile(sample, 0.95)},
            {"0.99", quantile(sample, 0.99)},
            {"1", sample.back()}};
}

}  // namespace cluster
