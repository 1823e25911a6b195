// SPDX-License-Identifier: MIT
//! Pictures of a run, drawn by gnuplot.
#pragma once

#include <filesystem>

#include "history.hpp"
#include "workload.hpp"

namespace cluster {

/// Writes latency, rate and (where reads have values) values, as .png and .svg, into `out`, with
/// the script that drew them. False if gnuplot is missing or failed.
bool draw_plots(const History& history, const Workload& workload, const std::filesystem::path& out);

}  // namespace cluster
