// SPDX-License-Identifier: MIT
//! KvStore: stores gossiped changes in a key-value service, with few messages.
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

/// Stores the lattice of a Gossip in a sequentially consistent key-value service (the store).
///
/// Writes    Each node writes its state under a separate key, so nodes do not contend; see
///           KvContent. A change is acknowledged when a write that contains it has succeeded. Any
///           node may have made this write.
/// Turns     A node with changes passes them to the next node in a message, the turn. The last node
///           writes the changes of all. After that the turn informs the other nodes that their
///           changes are stored; see TurnSchedule. A round of n nodes takes n + 1 messages: n - 1
///           turns, one swap and its answer. A node without a connection to other nodes writes
///           alone, in two messages.
/// Reads     A read is answered from the state of this node. The state contains everything that
///           gossip, turns and the first load have brought. Reads wait for the first load, which
///           reads the keys of all nodes after the start.
///
/// A swap compares the text of the key with the text that was read. So if a document has another
/// layout of JSON, such as more spaces, it is joined, and the next swap replaces its layout by the
/// canonical one. A value that is not a document of an L is neither joined nor replaced, and is
/// logged as a warning. As long as the key of this node has such a value, a change of this node is
/// acknowledged only if another node writes the change. Nothing is lost, because this node keeps
/// the state.
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
    /// The changes of this node in the last turn that this node passed on.
    L passed_;
    std::vector<Waiter> waiters_;
    /// The callbacks of the reads that wait for the first load.
    std::vector<Action> readers_;
    std::uint64_t malformed_ = 0;

  public:
    /// Stores the state of `gossip` in `service`, under keys that begin with `prefix`. `node` and
    /// `gossip` must outlive this object.
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

    /// Runs `done` when `delta` is in the store. This node or another one may have written it. If
    /// the write takes longer than a client waits (Node::reply_window), `done` never runs.
    void persist(const L& delta, Action done) {
        if (delta.leq(content_.stored())) return done();
        waiters_.push_back({delta, node_->now(), std::move(done)});
        turns_.on_change(node_->now());
    }

    /// Runs `done` when the first load has ended: the keys of all nodes were read, or the store has
    /// not answered in time. After the first load, runs `done` immediately.
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
            in.member("type");  // the node has read it before, to choose this handler
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
    /// Ends the turn of this node: passes the turn on, writes to the store or, if there is nothing
    /// to write, rests.
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
                // A turn that only its sender awaits is a request for a turn.
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

    /// Runs the callbacks of the changes that are stored now. After the first load, also runs the
    /// callbacks of the reads.
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
    /// Does a client wait until a change is stored?
    bool has_change() {
        drop_late_waiters();
        return !waiters_.empty();
    }
    /// Drops the callbacks for which no client waits any more.
    void drop_late_waiters() {
        std::erase_if(waiters_, [&](const Waiter& waiter) {
            return waiter.since + Node::reply_window < node_->now();
        });
    }
};

}  // namespace crdt::maelstrom
