// SPDX-License-Identifier: MIT
//! The neighbours of each node that the broadcast workload sends.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace cluster {

/// The names of all topologies.
const std::vector<std::string>& topologies();

/// {node: [its neighbours]}.
nlohmann::json neighbours(const std::string& topology, const std::vector<std::string>& nodes);

}  // namespace cluster
