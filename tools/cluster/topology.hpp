// SPDX-License-Identifier: MIT
//! The neighbours that the broadcast workload suggests to each node.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace cluster {

/// The names that `neighbours` knows.
const std::vector<std::string>& topologies();

/// {node: [its neighbours]}.
nlohmann::json neighbours(const std::string& topology, const std::vector<std::string>& nodes);

}  // namespace cluster
