// SPDX-License-Identifier: MIT
//! Handmade histories for the checkers.
#pragma once

#include <string>
#include <utility>

#include <history.hpp>
#include <workload.hpp>

namespace cluster {

inline History history_of(std::size_t nodes) {
    History history;
    history.workers = nodes;
    for (std::size_t i = 0; i < nodes; ++i) history.nodes.push_back("n" + std::to_string(i));
    history.ended = micros(100);
    return history;
}

/// Appends an operation that took no time. The worker and the node have the same number.
inline Operation& append(History& history, std::size_t node, const std::string& type, Micros time,
                         Outcome outcome) {
    Operation operation;
    operation.worker = node;
    operation.node = node;
    operation.type = type;
    operation.outcome = outcome;
    operation.invoked = operation.completed = time;
    history.operations.push_back(std::move(operation));
    return history.operations.back();
}

inline void append_add(History& history, std::size_t node, int argument, Micros time = 0,
                       Outcome outcome = Outcome::ok) {
    append(history, node, "add", time, outcome).argument = argument;
}

inline Operation& append_read(History& history, std::size_t node, json result, Micros time = 0) {
    auto& read = append(history, node, "read", time, Outcome::ok);
    if (result.is_array()) read.seen = view_of(result, 100);
    read.result = std::move(result);
    return read;
}

inline void append_final_read(History& history, std::size_t node, json result) {
    append_read(history, node, std::move(result), micros(100)).final_read = true;
}

}  // namespace cluster
