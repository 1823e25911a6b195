// SPDX-License-Identifier: MIT
//! Replays the graph of a trace on sequences: each transaction on a replica that has its parents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/random.hpp>

#include "support/run_trace.hpp"
#include "support/seeds.hpp"
#include "support/sequence_model.hpp"
#include "support/traces.hpp"

namespace support {

/// Returns the folder of the traces, or nothing if it is missing: then the test prints that. Where
/// CRDT_TRACES is set, as in .ci/run, a missing folder is a failure.
inline std::optional<std::filesystem::path> trace_folder() {
    const std::filesystem::path folder = trace_path();
    if (std::filesystem::exists(folder)) return folder;
    if (std::getenv("CRDT_TRACES") != nullptr)
        FAIL("CRDT_TRACES names ", folder.string(), ", which does not exist");
    else
        MESSAGE("NOT TESTED: no traces in ", folder.string(), "; set CRDT_TRACES to their folder");
    return std::nullopt;
}

/// The order of the file, or another one in which all parents come before their children.
inline std::vector<std::size_t> causal_order(const Trace& trace, crdt::Random* random) {
    const std::size_t count = trace.transactions.size();
    std::vector<std::size_t> order, ready;
    std::vector<std::size_t> open(count);
    std::vector<std::vector<std::size_t>> children(count);
    for (std::size_t i = 0; i < count; ++i) {
        open[i] = trace.transactions[i].parents.size();
        for (const std::size_t parent : trace.transactions[i].parents)
            children[parent].push_back(i);
        if (open[i] == 0) ready.push_back(i);
    }
    while (!ready.empty()) {
        const std::size_t chosen = random == nullptr ? 0 : random->below(ready.size());
        const std::size_t next = ready[chosen];
        ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(chosen));
        order.push_back(next);
        for (const std::size_t child : children[next])
            if (--open[child] == 0) ready.push_back(child);
    }
    REQUIRE(order.size() == count);
    return order;
}

/// Returns the delta of each transaction, made in that order.
template <class Seq>
std::vector<Seq> deltas_of(const Trace& trace, const std::vector<std::size_t>& order) {
    std::vector<Seq> states(trace.transactions.size()), deltas(trace.transactions.size());
    for (const std::size_t index : order) {
        const Transaction& transaction = trace.transactions[index];
        Seq& state = states[index];
        for (const std::size_t parent : transaction.parents) state.merge(states[parent]);
        Seq working = state;
        deltas[index] = run_transaction(working, transaction);
        state.merge(deltas[index]);
        CHECK(state.waiting() == 0);
    }
    return deltas;
}

/// Compares Seq with a graph, in the order of the file, in ten others, and in parts. Sanitizers
/// judge memory, which a second order shows as well as a tenth.
template <class Seq>
void check_graph(const Trace& trace, std::uint64_t seed) {
    crdt::Random random(seed);
    const auto deltas = deltas_of<Seq>(trace, causal_order(trace, nullptr));
    Seq all;
    for (const Seq& delta : deltas) all.merge(delta);
    CHECK(shown(all) == trace.end);
    for (std::uint64_t i = 0; i < seeds(10); ++i) {
        const auto order = causal_order(trace, &random);
        const auto others = deltas_of<Seq>(trace, order);
        Seq state;
        for (const std::size_t index : order) state.merge(others[index]);
        CHECK(state == all);
        CHECK(shown(state) == trace.end);
    }
    std::vector<Seq> parts;
    for (const Seq& delta : deltas) decompose(delta, [&](const Seq& p) { parts.push_back(p); });
    for (std::size_t i = parts.size(); i > 1; --i) std::swap(parts[i - 1], parts[random.below(i)]);
    Seq state, group;
    for (const Seq& part : parts) {
        group.merge(part);
        if (random.below(3) == 0) state.merge(std::exchange(group, Seq()));
    }
    state.merge(group);
    CHECK(state == all);
    CHECK(shown(state) == trace.end);
}

}  // namespace support
