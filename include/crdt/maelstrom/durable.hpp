// SPDX-License-Identifier: MIT
//! Durable: stores in a file the lattice that a node gossips.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <crdt/lattice/concepts.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/node.hpp>
#include <crdt/store/file.hpp>
#include <crdt/store/journal.hpp>

namespace crdt::maelstrom {

/// Stores the lattice of a Gossip in `DIRECTORY/NODE_ID.sqlite`, and loads the lattice after a
/// restart. When a peer has confirmed that the file is not an old copy, the replica writes under
/// the same id as before the restart.
///
/// All local changes are committed before the next message is sent to a client or a peer. One
/// commit contains all changes of one pass of the event loop, so a pass needs at most one fsync.
/// Changes from peers are written with the next commit, or after a second. If the file cannot be
/// used, the node halts.
template <DecomposableLattice L>
class Durable {
    Node* node_;
    Gossip<L>* gossip_;
    std::filesystem::path directory_;
    std::string cluster_;
    /// The file. Empty before init.
    std::optional<store::Journal<L>> journal_;

  public:
    /// Stores the state of `gossip` in `directory`. If the file there belongs to another cluster
    /// than `cluster`, the node halts. `node` and `gossip` must outlive this object.
    Durable(Node& node, Gossip<L>& gossip, std::filesystem::path directory,
            std::string cluster = "maelstrom")
        : node_(&node),
          gossip_(&gossip),
          directory_(std::move(directory)),
          cluster_(std::move(cluster)) {
        node.on_init([this] { open(); });
        node.before_flush([this] {
            if (journal_) journal_->commit_if_due(gossip_->state(), node_->now());
        });
        node.add_timer([this] { return journal_ ? journal_->next_deadline() : std::nullopt; },
                       [] {});
        gossip.on_growth([this](const L& growth) { note(growth); });
        gossip.on_reincarnation([this](std::uint64_t incarnation) {
            or_halt([&] { journal_->reincarnate(incarnation, gossip_->state()); });
        });
    }
    Durable(const Durable&) = delete;
    Durable& operator=(const Durable&) = delete;

    /// Stores the local change `delta`, and runs `done` when `delta` is on disk. Precondition: the
    /// caller calls this function for every local change.
    void persist(const L& delta, std::function<void()> done) {
        journal_->persist(delta, std::move(done));
    }
    /// Stores `delta` within a second. Precondition: `delta` came from a peer.
    void note(const L& delta) { journal_->note(delta, node_->now()); }

  private:
    void open() {
        or_halt([this] {
            journal_.emplace(directory_, cluster_, node_->id(), gossip_->incarnation());
            gossip_->resume(journal_->incarnation(), journal_->release());
        });
    }
    template <class Action>
    void or_halt(Action&& action) {
        try {
            action();
        } catch (const store::FileError& error) {
            node_->halt(error.what());
        }
    }
};

}  // namespace crdt::maelstrom
