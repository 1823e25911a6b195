// SPDX-License-Identifier: MIT
//! The results of a run as an HTML page.
#pragma once

#include <filesystem>

#include "history.hpp"

namespace cluster {

/// Writes index.html into `out`, with the results and the existing plots.
void write_page(const json& results, const std::filesystem::path& out);

}  // namespace cluster
