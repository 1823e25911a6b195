// SPDX-License-Identifier: MIT
//! The results of a run as JSON, as text, and as files.
#pragma once

#include <filesystem>
#include <string>

#include "checker.hpp"
#include "history.hpp"
#include "options.hpp"

namespace cluster {

/// The content of results.json.
json results(const RunOptions& options, const History& history, const Verdict& verdict);

/// The verdict and the main numbers as text.
std::string verdict_text(const json& results);

/// Writes one operation per line.
void write_history(const History& history, const std::filesystem::path& file);

/// JSON as text, with invalid UTF-8 replaced.
std::string dump(const json& value, int indent = -1);

}  // namespace cluster
