// SPDX-License-Identifier: MIT
//! KvStore: a gossiped lattice in a key-value service, with few messages.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <crdt/codec/json/reader.hpp>
#include <crdt/codec/json/writer.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/kv_content.hpp>
#include <crdt/maelstrom/node.hpp>
#include <crdt/maelstrom/turn.hpp>
#include <crdt/maelstrom/turn_schedule.hpp>

namespace crdt::maelstrom {

/// Persists a gossiped lattice in a sequentially consistent store.
///
/// Writes    Each node writes its state under a separate key, so nodes do not contend; see
///           KvContent. A change is acknowledged once a write that contains it has succeeded, no
///           matter which node has written.
/// Turns     A node with changes passes them to the next node. The last node writes the changes of
///           all. The turn then informs the others; see TurnSchedule. A round of n nodes takes
///           n + 1 messages: n - 1 turns, one swap and its answer. A node without a connection
///           writes alone, in two messages.
/// Reads     are answered from the state. It contains what gossip, turns and the first load have
///           brought. The first reads of a run wait until the keys of all nodes were read.
///
/// A swap replaces exactly the text that was read, in any layout. So a document in another layout
/// is joined, and the next swap replaces it by the canonical one. A value that is not a document of
/// an L is neither joined nor replaced, and is logged as a warning. Until that value is repaired or
/// removed, a change of this node is acknowledged only if another node writes it. Nothing is lost,
/// because this node keeps the state.
template <DecomposableLattice L>
class KvStore {
    using Action = std::function<void()>;

    struct Waiter {
        L delta;
        Time since;
        Action done;
    };

    Node* node_;
    Gossip<L>* gossip_;
    KvContent<L> content_;
    TurnSchedule turns_;
    /// The node's own changes in the last turn that it passed on.
    L passed_;
    std::vector<Waiter> waiters_;
    /// Reads that wait for the first load.
    std::vector<Action> readers_;
    std::uint64_t malformed_ = 0;

  public:
    /// `node` and `gossip` must outlive this. The keys in the service begin with `prefix`.
    KvStore(Node& node, Gossip<L>& gossip, const std::string& service, std::string prefix)
        : node_(&node),
          gossip_(&gossip),
          content_(
              node, gossip, service, std::move(prefix), [this] { return has_change(); },
              [this] { on_growth(); }) {
        node.on_init([this] { turns_.set_members(node_->id(), node_->peers()); });
        node.on_peer("turn",
                     [this](const std::string& from, const Body& body) { receive(from, body); });
        node.add_timer([this] { return deadline(); }, [this] { tick(); });
    }
    KvStore(const KvStore&) = delete;
    KvStore& operator=(const KvStore&) = delete;

    /// Runs `done` once `delta` is in the store, no matter which node has written it. If that takes
    /// longer than a client waits, `done` never runs.
    void persist(const L& delta, Action done) {
        if (delta.leq(content_.stored())) return done();
        waiters_.push_back({delta, node_->now(), std::move(done)});
        turns_.on_change(node_->now());
    }

    /// Runs `done` once the keys of all nodes were read for the first time, or the store has not
    /// answered in time; at once after that.
    void refresh(Action done) {
        if (content_.is_loaded()) return done();
        readers_.push_back(std::move(done));
    }

  private:
    std::optional<Time> deadline() const {
        if (!content_.is_loaded() || content_.is_writing()) return std::nullopt;
        return turns_.deadline(!waiters_.empty());
    }
    void tick() {
        if (turns_.state() == TurnSchedule::State::expecting)
            turns_.on_timeout(node_->now());
        else
            end_turn();
    }

    void receive(const std::string& from, const Body& body) {
        const auto turn = body.try_decode_with([](json::Reader& in) {
            in.member("type");  // read before, to choose this handler
            return deserialize<Turn<L>>(in);
        });
        if (!turn)
            return node_->log().warn_throttled(malformed_,
                                               "turn dropped: " + turn.error().to_string());
        L state = turn->stored;
        state.merge(turn->unstored);
        gossip_->join(state);
        content_.note(turn->stored);
        turns_.on_turn(from, turn->contributors, turn->awaiting, passed_.leq(state), node_->now());
        on_growth();
    }
    /// Passes the turn on, or writes, or rests if there is nothing to write.
    void end_turn() {
        const bool has_changed = has_change();
        if (const auto next = turns_.next(has_changed, node_->now())) {
            send_turn(*next, turns_.contributors(), turns_.awaiting());
            passed_ = L{};
            for (const Waiter& waiter : waiters_) passed_.merge(waiter.delta);
            turns_.on_passed(*next, has_changed, node_->now());
        } else if (gossip_->state().leq(content_.stored())) {
            turns_.become_resting();
        } else {
            content_.write([this, contributors = turns_.begin_write()] {
                const auto peer = turns_.on_written(contributors, !waiters_.empty(), node_->now());
                // This is the request for a turn, so only its sender awaits it.
                if (peer) send_turn(*peer, {}, {node_->id()});
            });
        }
    }
    void send_turn(const std::string& to, const NodeIds& contributors, const NodeIds& awaiting) {
        const L& stored = content_.stored();
        node_->send(to, "turn", [&](json::Writer& body) {
            serialize(body, Turn<L>{stored, difference(gossip_->state(), digest(stored)),
                                    contributors, awaiting});
        });
    }

    /// Runs the callbacks of stored changes, and of reads after the first load.
    void on_growth() {
        drop_late_waiters();
        std::vector<Action> finished;
        std::erase_if(waiters_, [&](Waiter& waiter) {
            if (!waiter.delta.leq(content_.stored())) return false;
            finished.push_back(std::move(waiter.done));
            return true;
        });
        if (!finished.empty()) turns_.stay_active(node_->now());
        if (content_.is_loaded())
            for (Action& done : std::exchange(readers_, {})) finished.push_back(std::move(done));
        for (const Action& done : finished) done();
    }
    /// Does a client wait for a change to be stored?
    bool has_change() {
        drop_late_waiters();
        return !waiters_.empty();
    }
    /// Drops the waiters for which clients do not wait any more.
    void drop_late_waiters() {
        std::erase_if(waiters_, [&](const Waiter& waiter) {
            return waiter.since + Node::reply_window < node_->now();
        });
    }
};

}  // namespace crdt::maelstrom
