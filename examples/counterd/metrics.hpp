// SPDX-License-Identifier: MIT
//! Metrics: named numbers, as a page for Prometheus and as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "answers.hpp"

namespace counterd {

/// A metric. If its name ends in _total, it is a counter for Prometheus, so it never decreases.
struct Metric {
    std::string name;
    const char* help;
    std::uint64_t value;
};
using Metrics = std::vector<Metric>;

/// Returns the metrics in the text format of Prometheus.
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

/// Returns the metrics as a JSON object.
inline std::string to_json(const Metrics& metrics) {
    Answer object;
    for (const Metric& metric : metrics) object.put(metric.name, metric.value);
    return std::move(object).text();
}

}  // namespace counterd
