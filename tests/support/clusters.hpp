// SPDX-License-Identifier: MIT
//! Small clusters for the tests of the replicator.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/replication/replicator.hpp>

#include "support/network.hpp"

namespace support {

constexpr crdt::replication::Duration second = std::chrono::seconds{1};

/// Adds 1 at a replica, under a name that no two incarnations share.
inline void add_one(Network<crdt::GCounter<>>& net, std::size_t index) {
    auto& replica = net.replicas[index];
    const std::string id =
        net.name(index) + "." + std::to_string(static_cast<std::uint64_t>(replica.epoch()));
    replica.update([&](crdt::GCounter<>& state) { return state.add(id, 1); });
}

/// Two connected replicas with nothing to send.
struct Pair : Network<crdt::GSet<int>> {
    explicit Pair(crdt::replication::Options options = {}) : Network(2, 7, options) {
        run(3 * second);
        log.clear();
    }
    crdt::GSet<int> insert(std::size_t index, int element) {
        return replicas[index].update([&](crdt::GSet<int>& set) { return set.insert(element); });
    }
};

}  // namespace support
