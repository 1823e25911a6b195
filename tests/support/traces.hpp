// SPDX-License-Identifier: MIT
//! Public editing traces, from the folder that CRDT_TRACES names, or beside the checkout.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <crdt/codec/json/nlohmann.hpp>

namespace support {

/// An edit at `position`, in code points: erases, then inserts.
struct Edit {
    std::size_t position = 0;
    std::size_t erased = 0;
    std::string inserted{};
};

/// Edits by one agent, which has the edits of `parents` and of their parents.
struct Transaction {
    std::vector<std::size_t> parents{};  // indices of transactions
    std::string agent{};
    /// The number of the agent's events before. Each code point erased or inserted is an event.
    std::uint64_t first = 0;
    std::vector<Edit> edits{};
};

struct Trace {
    std::vector<Transaction> transactions{};
    std::string end{};
};

inline std::size_t code_points(const std::string& text) {
    std::size_t count = 0;
    for (const char byte : text) count += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
    return count;
}

/// Returns the folder that CRDT_TRACES names, or the one beside the checkout.
inline std::filesystem::path trace_path() {
    const char* const named = std::getenv("CRDT_TRACES");
    return named != nullptr ? named : PROJECT_ROOT "/../shared/data/traces";
}

inline nlohmann::json read_gzip(const std::filesystem::path& file) {
    const std::string command = "gzip -dc '" + file.string() + "'";
    FILE* const pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot run: " + command);
    std::string text;
    std::array<char, 65536> block{};
    for (std::size_t got = 0; (got = fread(block.data(), 1, block.size(), pipe)) > 0;)
        text.append(block.data(), got);
    if (pclose(pipe) != 0) throw std::runtime_error("failed: " + command);
    return nlohmann::json::parse(text);
}

inline Edit edit_of(const nlohmann::json& source) {
    return {source[0].get<std::size_t>(), source[1].get<std::size_t>(),
            source[2].get<std::string>()};
}

/// A graph with numbers of events as parents: {span, parents, agent, seqStart, ops}.
inline Trace graph_of(const nlohmann::json& source) {
    Trace trace;
    trace.end = source["endContent"].get<std::string>();
    std::vector<std::size_t> transaction_of;  // an event
    for (const auto& txn : source["txns"]) {
        Transaction made;
        made.agent = txn["agent"].get<std::string>();
        made.first = txn["seqStart"].get<std::uint64_t>();
        for (const auto& parent : txn["parents"])
            made.parents.push_back(transaction_of.at(parent.get<std::size_t>()));
        for (const auto& op : txn["ops"]) made.edits.push_back(edit_of(op));
        transaction_of.resize(txn["span"][1].get<std::size_t>(), trace.transactions.size());
        trace.transactions.push_back(std::move(made));
    }
    return trace;
}

/// A graph with indices of transactions as parents, and numbers as agents: {agent, parents,
/// patches}.
inline Trace numbered_graph_of(const nlohmann::json& source) {
    Trace trace;
    trace.end = source["endContent"].get<std::string>();
    std::vector<std::uint64_t> used;
    for (const auto& txn : source["txns"]) {
        Transaction made;
        const auto agent = txn["agent"].get<std::size_t>();
        used.resize((std::max)(used.size(), agent + 1));
        made.agent = std::to_string(agent);
        made.first = used[agent];
        for (const auto& parent : txn["parents"]) made.parents.push_back(parent.get<std::size_t>());
        for (const auto& patch : txn["patches"]) {
            made.edits.push_back(edit_of(patch));
            used[agent] += made.edits.back().erased + code_points(made.edits.back().inserted);
        }
        trace.transactions.push_back(std::move(made));
    }
    return trace;
}

/// A history of one agent: {txns: [{patches}]}.
inline Trace line_of(const nlohmann::json& source) {
    Trace trace;
    trace.end = source["endContent"].get<std::string>();
    if (const std::string start = source["startContent"].get<std::string>(); !start.empty())
        trace.transactions.push_back({{}, "ann", 0, {{0, 0, start}}});
    for (const auto& txn : source["txns"]) {
        Transaction made;
        made.agent = "ann";
        if (!trace.transactions.empty()) made.parents = {trace.transactions.size() - 1};
        for (const auto& patch : txn["patches"]) made.edits.push_back(edit_of(patch));
        trace.transactions.push_back(std::move(made));
    }
    return trace;
}

inline std::vector<Trace> conformance_graphs(const std::filesystem::path& folder) {
    std::vector<Trace> graphs;
    for (const auto& graph : read_gzip(folder / "conformance.json.gz"))
        graphs.push_back(graph_of(graph));
    return graphs;
}

}  // namespace support
