// SPDX-License-Identifier: MIT
//! Compiles the whole core without exceptions and without run-time type information.
#include <chrono>

#include <crdt/crdt.hpp>
#include <crdt/replication/replicator.hpp>

int main() {
    crdt::GCounter<> counter;
    const auto delta = counter.add("a", 2);
    crdt::PNCounter<int> both;
    both.add(1, -2);
    crdt::GSet<int> set;
    set.insert(1);
    crdt::replication::Replicator<crdt::GCounter<>> replicator(crdt::replication::Epoch{1});
    const crdt::replication::Time start{};
    replicator.set_peers({"b"}, start);
    replicator.start(start);
    replicator.merge_local(delta);
    const bool introduced = !replicator.on_tick(start + std::chrono::seconds{1}).empty();
    return counter.value() == 2 && both.value() == -2 && set.size() == 1 && introduced ? 0 : 1;
}
