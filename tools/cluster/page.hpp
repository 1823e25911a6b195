// SPDX-License-Identifier: MIT
//! A run's results as a page to look at.
#pragma once

#include <filesystem>

#include "history.hpp"

namespace cluster {

/// Writes index.html into `out`, showing the results and the pictures that are there.
void write_page(const json& results, const std::filesystem::path& out);

}  // namespace cluster
