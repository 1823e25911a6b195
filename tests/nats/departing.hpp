// SPDX-License-Identifier: MIT
//! Departing: the counters of three nodes without a network. One departs, is pruned, and returns.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/random.hpp>
#include <crdt/replication/pruning.hpp>

#include "counterd/counters.hpp"

namespace support {

/// A node, with the functions that its Pruner calls. They do what those of PruningNode do.
struct PrunedNode {
    counterd::ReplicaId id;
    counterd::Counters counters{};
    crdt::replication::Generation current = 0;
    bool was_pruned = false;

    const counterd::Counters& state() const { return counters; }
    crdt::replication::Generation generation() const { return current; }
    counterd::Counters collapse(const counterd::Counters& written,
                                const std::vector<counterd::ReplicaId>& writers) const {
        return written.collapsed(writers, id);
    }
    void begin(const crdt::replication::PruningMessage<counterd::Counters>& commit,
               const auto& change, crdt::replication::Time) {
        change(counters);
        counters.set_pruned(commit.history);
        if (commit.history.contains(id)) {
            counters.drop_records_of({id++});
            was_pruned = true;
        }
        current = commit.generation;
    }
    static counterd::Counters start_over() { return {}; }
};

/// Three nodes, which gossip on request, and the messages of their pruners. The guest departs and
/// returns.
class Departing {
    using Pruner = crdt::replication::Pruner<counterd::Counters, PrunedNode, std::size_t>;
    struct Letter {
        std::size_t from;
        Pruner::Outgoing outgoing;
    };

  public:
    static constexpr std::size_t count = 3, guest = 2;

  private:
    std::array<PrunedNode, count> nodes_{{{100}, {200}, {300}}};
    std::vector<Pruner> pruners_;
    std::vector<Letter> letters_;
    /// The ids that the guest had before it lost its file.
    std::vector<counterd::ReplicaId> former_;
    bool is_guest_away_ = false;
    crdt::replication::Time now_{};

    Pruner pruner_of(std::size_t node) {
        Pruner pruner(nodes_[node], node, counterd::successor, node + 1);
        pruner.resume(at(node).pruned());
        return pruner;
    }
    /// Every node has the same view of the members.
    void set_members() {
        std::vector<counterd::ReplicaId> departed = former_;
        if (is_guest_away_) departed.push_back(id(guest));
        for (std::size_t i = 0; i < count; ++i) {
            if (is_away(i)) continue;
            std::vector<std::size_t> others;
            for (std::size_t other = 0; other < count; ++other)
                if (other != i && !is_away(other)) others.push_back(other);
            pruners_[i].set_members(others, now_);
            pruners_[i].retire(departed, now_);
        }
    }
    template <class Step>
    void run(std::size_t node, Step&& step) {
        try {
            for (auto& outgoing : step(pruners_[node]))
                letters_.push_back({node, std::move(outgoing)});
        } catch (const std::overflow_error&) {
            // A sum does not fit, so nothing is pruned.
        }
    }
    void deliver(std::size_t number) {
        std::swap(letters_[number], letters_.back());
        const Letter letter = std::move(letters_.back());
        letters_.pop_back();
        if (is_away(letter.from) || is_away(letter.outgoing.to)) return;
        run(letter.outgoing.to, [&](Pruner& pruner) {
            return pruner.on_message(letter.from, letter.outgoing.message, now_);
        });
    }
    /// As CounterStore does it.
    void settle(std::size_t node) {
        if (is_collecting(node)) return;
        std::set<std::string> contested;
        at(node).visit_records([&](const std::string& request, auto, const auto&) {
            if (at(node).is_contested(request)) contested.insert(request);
        });
        for (const std::string& request : contested)
            at(node).settle(id(node), request,
                            [&](counterd::ReplicaId writer) { return writer == id(node); });
    }

  public:
    Departing() {
        for (std::size_t i = 0; i < count; ++i) pruners_.push_back(pruner_of(i));
        set_members();
    }
    Departing(const Departing&) = delete;
    Departing& operator=(const Departing&) = delete;

    counterd::Counters& at(std::size_t node) { return nodes_[node].counters; }
    counterd::ReplicaId id(std::size_t node) const { return nodes_[node].id; }
    bool is_away(std::size_t node) const { return node == guest && is_guest_away_; }
    /// Whether the node has found that it was pruned.
    bool was_pruned(std::size_t node) const { return nodes_[node].was_pruned; }
    /// Whether the node refuses resets.
    bool is_collecting(std::size_t node) const { return pruners_[node].is_collecting(now_); }

    /// As CounterStore does it.
    void gossip(std::size_t from, std::size_t to) {
        if (is_away(from) || is_away(to)) return;
        if (nodes_[from].current != nodes_[to].current)
            return pruners_[to].on_generation(from, nodes_[from].current, now_);
        const counterd::Counters growth = at(to).absorb(at(from));
        for (const counterd::CounterKey& key : growth.keys())
            if (key.kind == counterd::Kind::counter) at(to).compact(id(to), key.name);
        settle(to);
    }
    void depart() {
        is_guest_away_ = true;
        set_members();
    }
    /// The guest returns with its file, or without it under another id.
    void come_back(bool has_file) {
        if (!std::exchange(is_guest_away_, false)) return;
        if (!has_file) {
            former_.push_back(id(guest));
            nodes_[guest] = {id(guest) + 1};
        }
        pruners_[guest] = pruner_of(guest);
        set_members();
    }
    void tick(std::size_t node) {
        now_ += std::chrono::milliseconds{500};
        settle(node);
        run(node, [&](Pruner& pruner) { return pruner.on_tick(now_); });
    }
    /// Delivers one of the messages between pruners.
    void deliver(crdt::Random& random) {
        if (!letters_.empty()) deliver(random.below(letters_.size()));
    }
    /// Lets all nodes exchange everything.
    void finish() {
        come_back(true);
        for (int round = 0; round < 60; ++round)
            for (std::size_t i = 0; i < count; ++i) {
                tick(i);
                while (!letters_.empty()) deliver(letters_.size() - 1);
                gossip(i, (i + 1) % count);
                gossip(i, (i + 2) % count);
            }
        REQUIRE(at(0) == at(1));
        REQUIRE(at(1) == at(2));
    }
};

}  // namespace support
