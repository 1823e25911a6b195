// SPDX-License-Identifier: MIT
//! The whole core in a build without exceptions and run-time type information.
#include <chrono>

#include <crdt/crdt.hpp>

int main() {
    crdt::GCounter<> counter;
    const auto delta = counter.add("a", 2);
    crdt::PNCounter<int> both;
    both.add(1, -2);
    crdt::GSet<int> set;
    set.insert(1);
    const crdt::replication::Time start{};
    crdt::replication::Replicator<crdt::GCounter<>> replicator(crdt::replication::Epoch{1});
    replicator.set_peers({"b"}, start);
    replicator.start(start);
    replicator.merge_local(delta);
    const bool requests = !replicator.on_tick(start + std::chrono::seconds{1000}).empty();
    return counter.value() == 2 && both.value() == -2 && set.size() == 1 && requests ? 0 : 1;
}
