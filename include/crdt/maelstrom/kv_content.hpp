// SPDX-License-Identifier: MIT
//! KvContent: a lattice in a key-value service, as one document per node.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <crdt/codec/json.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/kv.hpp>
#include <crdt/maelstrom/node.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/time.hpp>
#include <crdt/replication/timers.hpp>
#include <crdt/system/fresh.hpp>

namespace crdt::maelstrom {

/// The content of a sequentially consistent key-value service, as far as this node has read or
/// written it.
///
/// Node n0 writes its state as a document under the key PREFIX/n0, with a compare-and-swap. The
/// content is the join of the documents of all nodes. No other node writes the key of n0. So a swap
/// fails only after a restart of n0, or if another program has changed the value. After a swap that
/// failed or had no answer, the node reads the value, joins it and swaps again. The pauses between
/// failed swaps grow.
///
/// The service may answer a read with an old value. So before reading, the node writes a unique
/// value to PREFIX/n0/marker. Values that the node reads after this write are fresh.
template <DecomposableLattice L>
class KvContent {
  public:
    /// A function that runs when an operation has ended.
    using Action = std::function<void()>;
    /// Returns whether a client still waits until a change is written.
    using IsAwaited = std::function<bool()>;

  private:
    static constexpr Duration longest_back_off = std::chrono::milliseconds{500};
    /// If a round trip to the service is shorter than this, it counts as this long. The bound of a
    /// random pause is a multiple of the last round trip.
    static constexpr Duration shortest_round_trip = std::chrono::microseconds{250};
    /// If a swap or a read has no result after this time, the node tries again. The time is longer
    /// than a swap, a marker write, a read and a pause together.
    static constexpr Duration stuck_after = std::chrono::milliseconds{4000};
    /// The pause between attempts to read the keys of all nodes.
    static constexpr Duration load_pause = std::chrono::milliseconds{1000};

    Node* node_;
    Gossip<L>* gossip_;
    KV kv_;
    std::string prefix_;
    IsAwaited is_awaited_;
    Action on_growth_;
    crdt::Random random_;
    L stored_;
    /// The text at the node's own key, as this node has read or written it last. Empty if the key
    /// has no value. After a failed swap, empty until the next read.
    std::optional<std::string> held_;

    bool is_loaded_ = false;
    /// The time of the next attempt to read all keys. Empty during an attempt, and after an attempt
    /// has succeeded.
    std::optional<Time> load_at_ = Time{};
    std::size_t unread_keys_ = 0;
    bool has_unanswered_read_ = false;

    /// The action that runs after the current write.
    Action written_;
    bool is_writing_ = false;
    std::optional<Time> retry_at_;
    /// The numbers of failures since the last successful swap. lost_races_ counts the swaps that
    /// failed because the key had another value than expected. refusals_ counts all other errors.
    unsigned lost_races_ = 0;
    unsigned refusals_ = 0;
    Duration round_trip_{};
    std::uint64_t foreign_values_ = 0;

  public:
    /// Uses the keys that begin with `prefix` in the service `service`. `on_growth` runs when
    /// stored() may have grown. Precondition: `node` and `gossip` outlive this object.
    KvContent(Node& node, Gossip<L>& gossip, const std::string& service, std::string prefix,
              IsAwaited is_awaited, Action on_growth)
        : node_(&node),
          gossip_(&gossip),
          kv_(node, service),
          prefix_(std::move(prefix)),
          is_awaited_(std::move(is_awaited)),
          on_growth_(std::move(on_growth)),
          random_(system::fresh_number()) {
        node.add_timer([this] { return deadline(); }, [this] { tick(); });
    }
    KvContent(const KvContent&) = delete;
    KvContent& operator=(const KvContent&) = delete;

    /// Returns a lower bound of the content of the service: everything that is known to be stored.
    const L& stored() const { return stored_; }
    /// Joins `state` into stored(), because another node has found it in the service.
    void note(const L& state) { stored_.merge(state); }
    /// Has the first attempt to read the keys of all nodes ended? It ends with answers or timeouts.
    bool is_loaded() const { return is_loaded_; }
    /// Is a write under way?
    bool is_writing() const { return is_writing_; }

    /// Writes the state of `gossip` to the document of this node, then runs `done`. If the service
    /// refuses all attempts, runs `done` when no client waits any more. Precondition:
    /// !is_writing().
    void write(Action done) {
        written_ = std::move(done);
        is_writing_ = true;
        swap();
    }

  private:
    std::optional<Time> deadline() const {
        // The service may not run yet when the node has received only the init message.
        return replication::earlier(node_->has_received() ? load_at_ : std::nullopt, retry_at_);
    }
    void tick() {
        if (load_at_ && *load_at_ <= node_->now()) return load();
        catch_up();
    }

    // ---- writes

    void swap() {
        if (gossip_->state().leq(stored_) || (refusals_ > 0 && !is_awaited_()))
            return finish_write();
        retry_at_ = node_->now() + stuck_after;
        const std::string text = json::encode(gossip_->state());
        const Time sent_at = node_->now();
        kv_.cas(key_of(node_->id()), held_, text,
                [this, target = gossip_->state(), text, sent_at](const RpcResult& answer) {
                    round_trip_ = (std::max)(node_->now() - sent_at, shortest_round_trip);
                    if (!answer) return retry_later(answer.error().code);
                    lost_races_ = refusals_ = 0;
                    held_ = text;
                    stored_.merge(target);
                    finish_write();
                });
    }
    void finish_write() {
        is_writing_ = false;
        retry_at_.reset();
        on_growth_();
        std::exchange(written_, {})();
    }
    /// Schedules another attempt after a pause. The attempt reads the value after the pause,
    /// because a value from before the pause would be stale.
    void retry_later(ErrorCode code) {
        ++(code == ErrorCode::precondition_failed ? lost_races_ : refusals_);
        held_.reset();
        // After a lost race the pause is random, so that contending processes do not retry
        // together. Other errors add a fixed pause.
        const Duration spread =
            lost_races_ == 0 ? Duration{} : round_trip_ * (1U << (std::min)(lost_races_ - 1, 12U));
        const Duration wait =
            refusals_ == 0 ? Duration{}
                           : std::chrono::milliseconds{1} * (1U << (std::min)(refusals_, 9U));
        retry_at_ = node_->now() +
                    (std::min)(wait + replication::random_below(random_, spread + Duration{1}),
                               longest_back_off);
    }
    void catch_up() {
        retry_at_ = node_->now() + stuck_after;
        after_marker([this] { read(node_->id(), [this](const RpcResult&) { swap(); }); });
    }

    // ---- reads

    std::string key_of(const std::string& id) const { return prefix_ + '/' + id; }

    /// Reads the keys of all nodes. If one read has no answer, reads all again after a pause.
    void load() {
        load_at_.reset();
        after_marker([this] {
            unread_keys_ = 1 + node_->peers().size();
            has_unanswered_read_ = false;
            const auto done = [this](const RpcResult& answer) {
                has_unanswered_read_ |=
                    !answer && answer.error().code != ErrorCode::key_does_not_exist;
                if (--unread_keys_ == 0) finish_load();
            };
            read(node_->id(), done);
            for (const std::string& peer : node_->peers()) read(peer, done);
        });
    }
    void finish_load() {
        is_loaded_ = true;
        if (has_unanswered_read_) load_at_ = node_->now() + load_pause;
        on_growth_();
    }
    /// Writes the marker, then runs `done`. Reads that `done` makes are fresh, except if the
    /// service did not answer.
    void after_marker(Action done) {
        kv_.write(key_of(node_->id()) + "/marker", system::fresh_number(),
                  [done = std::move(done)](const RpcResult&) { done(); });
    }
    void read(const std::string& id, PendingCalls::Callback done) {
        kv_.read(key_of(id), [this, id, done = std::move(done)](const RpcResult& answer) {
            if (answer) on_read(id, *answer);
            done(answer);
        });
    }
    void on_read(const std::string& id, const Body& body) {
        const bool is_own = id == node_->id();
        const auto text = body.text("value");
        const auto state = text ? json::try_decode_any_layout<L>(*text)
                                : Expected<L>(DecodeError{"expected a string", ""});
        if (!state) {
            if (is_own) ++refusals_;
            return node_->log().warn_throttled(
                foreign_values_,
                key_of(id) + " holds a value of another kind: " + state.error().to_string());
        }
        // If a swap has succeeded since the read was sent, the answer contains an older text than
        // held_.
        if (is_own && !held_) held_ = *text;
        stored_.merge(*state);
        gossip_->join(*state);
        on_growth_();
    }
};

}  // namespace crdt::maelstrom
