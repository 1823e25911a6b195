// SPDX-License-Identifier: MIT
//! Plots of a run, by gnuplot.
#pragma once

#include <filesystem>

#include "history.hpp"
#include "workload.hpp"

namespace cluster {

/// Writes latency, rate and (if reads have values) values, as .png and .svg, into `out`, with their
/// script. False if gnuplot is missing or fails.
bool draw_plots(const History& history, const Workload& workload, const std::filesystem::path& out);

}  // namespace cluster
