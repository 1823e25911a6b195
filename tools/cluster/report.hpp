// SPDX-License-Identifier: MIT
//! The results of a run as JSON, as text, and as files.
#pragma once

#include <filesystem>
#include <string>

#include "checker.hpp"
#include "history.hpp"
#include "options.hpp"

namespace cluster {

/// Everything that results.json holds.
json results(const RunOptions& options, const History& history, const Verdict& verdict);

/// The verdict and the main numbers, for a terminal.
std::string verdict_text(const json& results);

/// One operation on each line.
void write_history(const History& history, const std::filesystem::path& file);

/// Text with every byte that is no UTF-8 replaced.
std::string dump(const json& value, int indent = -1);

}  // namespace cluster
