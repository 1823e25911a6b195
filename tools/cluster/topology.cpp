// SPDX-License-Identifier: MIT
//! The broadcast workload sends each node its neighbours. A topology determines them.
#include "topology.hpp"

#include <cmath>
#include <cstddef>
#include <utility>

namespace cluster {
namespace {

using Link = std::pair<std::size_t, std::size_t>;

std::vector<Link> line(std::size_t count) {
    std::vector<Link> links;
    for (std::size_t i = 1; i < count; ++i) links.emplace_back(i - 1, i);
    return links;
}

std::vector<Link> total(std::size_t count) {
    std::vector<Link> links;
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = i + 1; j < count; ++j) links.emplace_back(i, j);
    return links;
}

std::vector<Link> grid(std::size_t count) {
    const auto side = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(count))));
    std::vector<Link> links;
    for (std::size_t i = 0; i < count; ++i) {
        if (i % side != 0) links.emplace_back(i - 1, i);
        if (i >= side) links.emplace_back(i - side, i);
    }
    return links;
}

std::vector<Link> tree(std::size_t count, std::size_t children) {
    std::vector<Link> links;
    for (std::size_t i = 1; i < count; ++i) links.emplace_back((i - 1) / children, i);
    return links;
}

std::vector<Link> links_of(const std::string& topology, std::size_t count) {
    if (topology == "line") return line(count);
    if (topology == "total") return total(count);
    if (topology == "grid") return grid(count);
    return tree(count, static_cast<std::size_t>(topology.back() - '0'));
}

}  // namespace

const std::vector<std::string>& topologies() {
    static const std::vector<std::string> names{"line", "grid", "total", "tree2", "tree3", "tree4"};
    return names;
}

nlohmann::json neighbours(const std::string& topology, const std::vector<std::string>& nodes) {
    nlohmann::json result = nlohmann::json::object();
    for (const auto& node : nodes) result[node] = nlohmann::json::array();
    for (const auto& [a, b] : links_of(topology, nodes.size())) {
        result[nodes[a]].push_back(nodes[b]);
        result[nodes[b]].push_back(nodes[a]);
    }
    return result;
}

}  // namespace cluster
