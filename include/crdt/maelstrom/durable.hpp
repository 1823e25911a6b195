// SPDX-License-Identifier: MIT
//! Durable: a gossiped lattice in a file of its node.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <crdt/lattice/concepts.hpp>
#include <crdt/maelstrom/fresh.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/node.hpp>
#include <crdt/store/file.hpp>

namespace crdt::maelstrom {

/// Keeps a gossiped lattice in `DIRECTORY/NODE_ID.sqlite`, and goes on from there after a restart,
/// in the same slot.
///
/// Before anything is said, to a client or to a peer, all local changes so far are committed: at
/// most one fsync for all that a turn of the event loop brought. What comes from peers, who have it
/// too, is written along, or after a second. The node halts if the file can not be used.
template <DecomposableLattice L>
class Durable {
    Node* node_;
    Gossip<L>* gossip_;
    std::filesystem::path directory_;
    /// From init on.
    std::optional<store::FileStore<L>> file_;
    /// When what nobody waits for is written at the latest.
    std::optional<Time> write_by_;

  public:
    /// What nobody waits for is written after this.
    static constexpr Time longest_delay = 1000 * replication::milliseconds;

    /// `node` and `gossip` must outlive this.
    Durable(Node& node, Gossip<L>& gossip, std::filesystem::path directory)
        : node_(&node), gossip_(&gossip), directory_(std::move(directory)) {
        node.on_init([this] { open(); });
        node.before_output([this] { commit_if_due(); });
        node.attach([this] { return write_by_; }, [] {});
        gossip.on_growth([this](const L& growth) { note(growth); });
        gossip.on_reincarnation([this](std::uint64_t incarnation) {
            or_halt([&] { file_->reincarnate(incarnation); });
        });
    }
    Durable(const Durable&) = delete;
    Durable& operator=(const Durable&) = delete;

    /// Runs `done` once `delta` is on disk. Every local change must come here: one that peers heard
    /// of and the file did not would be undone by the next life, which writes the same slot.
    void persist(const L& delta, std::function<void()> done) {
        file_->persist(delta, std::move(done));
    }
    /// Runs `done`: nobody else writes to the file.
    template <class Done>
    void refresh(Done&& done) {
        done();
    }
    /// Writes `delta`, which peers have too, within a second.
    void note(const L& delta) {
        if (!write_by_) write_by_ = node_->now() + longest_delay;
        file_->note(delta);
    }

  private:
    void open() {
        or_halt([this] {
            file_.emplace((directory_ / file_name(node_->id())).string(), node_->id(),
                          fresh_number());
            gossip_->resume(file_->incarnation(), file_->state());
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

    /// Node ids that would name another place, or hide, are refused.
    static std::string file_name(const std::string& id) {
        const bool plain = std::all_of(id.begin(), id.end(), [](char letter) {
            return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
                   (letter >= 'A' && letter <= 'Z') || letter == '-' || letter == '_';
        });
        if (!plain || id.size() > 200) throw store::FileError(id + ": no file can have this name");
        return id + ".sqlite";
    }

    void commit_if_due() {
        while (file_ && (file_->is_awaited() || (write_by_ && *write_by_ <= node_->now()))) {
            write_by_.reset();
            file_->commit();
        }
    }
};

}  // namespace crdt::maelstrom
