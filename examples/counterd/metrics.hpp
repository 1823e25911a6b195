// SPDX-License-Identifier: MIT
//! Metrics: named numbers, as a page for Prometheus and as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "request.hpp"

namespace counterd {

/// A number. If its name ends in _total, it is a counter, which never decreases.
struct Metric {
    std::string name;
    const char* help;
    std::uint64_t value;
};
using Metrics = std::vector<Metric>;

/// The metrics in the text format of Prometheus.
inline std::string page(const Metrics& metrics) {
    std::string text;
    for (const auto& [name, help, value] : metrics) {
        const std::string full = "counterd_" + name;
        const char* type = name.ends_with("_total") ? " counter\n" : " gauge\n";
        text += "# HELP " + full + ' ' + help + "\n# TYPE " + full + type + full + ' ' +
                std::to_string(value) + '\n';
    }
    return text;
}

inline Json to_json(const Metrics& metrics) {
    Json object = Json::object();
    for (const Metric& metric : metrics) object[metric.name] = metric.value;
    return object;
}

}  // namespace counterd
