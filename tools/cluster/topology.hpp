// SPDX-License-Identifier: MIT
//! The broadcast workload sends each node its neighbours. A topology determines them.
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
