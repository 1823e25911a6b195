// SPDX-License-Identifier: MIT
//! KvStore: a lattice under one key of a key-value service, updated by compare-and-swap.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <crdt/codec/json.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/kv.hpp>
#include <crdt/maelstrom/node.hpp>
#include <crdt/random.hpp>
#include <crdt/system/fresh.hpp>

namespace crdt::maelstrom {

/// Persists a gossiped lattice in a sequentially consistent store.
///
/// The key contains the document of a state. A node replaces that state only by a join with it, so
/// the state only grows, and a swap without an answer can be repeated. One swap runs at a time;
/// changes that arrive meanwhile share the next one. The service may answer from an old state. So
/// after a failed swap the node first writes a unique value, and the read after that write is
/// fresh. The pauses between failed swaps grow.
///
/// A swap replaces exactly the text that was read, in any layout. So a document in another layout
/// is joined, and the next swap replaces it by the canonical one. A value that is not a document of
/// an L is neither joined nor replaced, and is logged as a warning. Nothing is acknowledged until
/// that value is repaired or removed. Nothing is lost, because this node keeps the state.
template <DecomposableLattice L>
class KvStore {
    using Action = std::function<void()>;

    struct Waiter {
        L delta;
        Time since;
        Action done;
    };

    static constexpr Duration longest_back_off = std::chrono::milliseconds{500};
    /// The shortest assumed round trip. It is the unit of random pauses.
    static constexpr Duration shortest_round_trip = std::chrono::microseconds{250};
    /// Longer than a swap, a read and a back-off together.
    static constexpr Duration stuck_after = std::chrono::milliseconds{3000};

    Node* node_;
    Gossip<L>* gossip_;
    KV kv_;
    std::string key_;
    crdt::Random random_;
    /// The state in the store, as read or written last.
    L stored_;
    /// The text at the key, as read or written last. None before the first read, and after a failed
    /// swap until the next read.
    std::optional<std::string> held_;
    std::vector<Waiter> waiters_;
    std::vector<Action> readers_;
    bool reading_ = false;
    bool swapping_ = false;
    /// Counts since the last successful swap.
    unsigned lost_races_ = 0;
    unsigned refusals_ = 0;
    std::uint64_t markers_ = 0;
    std::uint64_t foreign_values_ = 0;
    Duration round_trip_{};
    std::optional<Time> retry_at_;

  public:
    /// `node` and `gossip` must outlive this.
    KvStore(Node& node, Gossip<L>& gossip, const std::string& service, std::string key)
        : node_(&node),
          gossip_(&gossip),
          kv_(node, service),
          key_(std::move(key)),
          random_(system::fresh_number()) {
        node.add_timer([this] { return retry_at_; }, [this] { catch_up(); });
    }
    KvStore(const KvStore&) = delete;
    KvStore& operator=(const KvStore&) = delete;

    /// Runs `done` once `delta` is in the store, no matter which node has written it. If that takes
    /// longer than a client waits, `done` never runs.
    void persist(const L& delta, Action done) {
        waiters_.push_back({delta, node_->now(), std::move(done)});
        if (!swapping_) swap();
    }

    /// Starts a read, or queues it if another read is running. Runs `done` when the answer is
    /// joined into the state, or when the store does not answer in time.
    void refresh(Action done) {
        readers_.push_back(std::move(done));
        if (!reading_) serve_readers();
    }

  private:
    void serve_readers() {
        reading_ = !readers_.empty();
        if (!reading_) return;
        read([this, served = std::exchange(readers_, {})] {
            for (const Action& done : served) done();
            serve_readers();
        });
    }

    /// Joins the state into the store.
    void swap() {
        swapping_ = true;
        finish_waiters();
        retry_at_.reset();
        swapping_ = !waiters_.empty();
        if (!swapping_) return;
        retry_at_ = node_->now() + stuck_after;
        L target = stored_;
        target.merge(gossip_->state());
        const std::string text = json::encode(target);
        const Time sent_at = node_->now();
        kv_.cas(key_, held_, text, [this, target, text, sent_at](const RpcResult& answer) {
            round_trip_ = (std::max)(node_->now() - sent_at, shortest_round_trip);
            if (!answer) return retry_later(answer.error().code);
            lost_races_ = refusals_ = 0;
            stored_.merge(target);
            held_ = text;
            swap();
        });
    }

    /// Schedules another attempt. It reads after the pause, because a value read before would be
    /// stale.
    void retry_later(ErrorCode code) {
        ++(code == ErrorCode::precondition_failed ? lost_races_ : refusals_);
        held_.reset();
        // A random pause after a lost race separates contending nodes. Other errors add a fixed
        // pause.
        const Duration spread =
            lost_races_ == 0 ? Duration{} : round_trip_ * (1U << (std::min)(lost_races_ - 1, 12U));
        const Duration wait =
            refusals_ == 0 ? Duration{}
                           : std::chrono::milliseconds{1} * (1U << (std::min)(refusals_, 9U));
        retry_at_ = node_->now() +
                    (std::min)(wait + replication::random_below(random_, spread + Duration{1}),
                               longest_back_off);
    }

    /// Writes the marker, reads the store and swaps. The read does not wait for the answer to the
    /// write. If the service processes the read first, the value may be stale, and the swap fails
    /// once more.
    void catch_up() {
        retry_at_ = node_->now() + stuck_after;
        kv_.write(key_ + '/' + gossip_->replica_id(), ++markers_, [](const RpcResult&) {});
        read([this] { swap(); });
    }

    void read(Action done) {
        kv_.read(key_, [this, done = std::move(done)](const RpcResult& answer) {
            if (answer) learn(*answer);
            done();
        });
    }

    void learn(const Body& body) {
        const auto text = body.text("value");
        const auto state = text ? json::try_decode_any_layout<L>(*text)
                                : Expected<L>(DecodeError{"expected a string", ""});
        if (!state) {
            ++refusals_;
            return node_->log().warn_throttled(
                foreign_values_,
                key_ + " holds a value of another kind: " + state.error().to_string());
        }
        // If the answer to a swap arrived first, this answer contains less than `stored_`.
        if (!held_ || stored_.leq(*state)) held_ = *text;
        stored_.merge(*state);
        gossip_->join(*state);
        finish_waiters();
    }

    /// Runs the callbacks of stored changes. Drops those for which clients no longer wait.
    void finish_waiters() {
        std::vector<Waiter> finished;
        std::erase_if(waiters_, [&](Waiter& waiter) {
            if (!waiter.delta.leq(stored_)) return waiter.since + Node::reply_window < node_->now();
            finished.push_back(std::move(waiter));
            return true;
        });
        for (const Waiter& waiter : finished) waiter.done();
    }
};

}  // namespace crdt::maelstrom
