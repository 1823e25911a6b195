// SPDX-License-Identifier: MIT
//! KvStore: a lattice under one key of a key-value service, joined into it by compare-and-swap.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <crdt/codec/json.hpp>
#include <crdt/detail/random.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/kv.hpp>
#include <crdt/maelstrom/node.hpp>

namespace crdt::maelstrom {

/// Persists a gossiped lattice in a sequentially consistent store.
///
/// The key holds the document of a state. Everyone only ever replaces it by a join with it, so it
/// only grows, and a swap whose answer was lost is simply done again. One swap is under way at a
/// time; all that was added meanwhile shares the next one. As the service may answer from an old
/// state, a swap that failed is followed by a write of something unique, after which a read is
/// fresh.
template <DecomposableLattice L>
class KvStore {
    struct Waiter {
        L delta;
        std::function<void()> done;
    };

    static constexpr Time longest_back_off = 500 * replication::milliseconds;

    Node* node_;
    Gossip<L>* gossip_;
    KV kv_;
    std::string key_;
    crdt::detail::Random random_;
    /// Known to be in the store.
    L stored_;
    std::vector<Waiter> waiters_;
    std::vector<std::function<void()>> readers_;
    bool swapping_ = false;
    unsigned failures_ = 0;
    std::uint64_t markers_ = 0;
    Time round_trip_ = 0;
    std::optional<Time> retry_at_;

  public:
    /// `node` and `gossip` must outlive this.
    KvStore(Node& node, Gossip<L>& gossip, const std::string& service, std::string key)
        : node_(&node),
          gossip_(&gossip),
          kv_(node, service),
          key_(std::move(key)),
          random_(fresh_epoch()) {
        node.attach([this] { return retry_at_; }, [this] { retry(); });
    }
    KvStore(const KvStore&) = delete;
    KvStore& operator=(const KvStore&) = delete;

    /// Runs `done` once `delta` is in the store, whoever put it there.
    void persist(const L& delta, std::function<void()> done) {
        waiters_.push_back({delta, std::move(done)});
        if (!swapping_) swap();
    }

    /// Runs `done` once the state has joined what the store says, or the store said nothing in
    /// time.
    void refresh(std::function<void()> done) {
        readers_.push_back(std::move(done));
        if (readers_.size() > 1) return;
        read([this] {
            for (const auto& reader : std::exchange(readers_, {})) reader();
        });
    }

  private:
    /// Joins the state into the store.
    void swap() {
        finish_waiters();
        swapping_ = !waiters_.empty();
        if (!swapping_) return;
        const L target = joined(stored_, gossip_->state());
        // Canonical: what is stored is, byte for byte, the document of the state that was stored.
        nlohmann::json from;
        if (!stored_.is_bottom()) from = json::encode(stored_);
        const Time asked_at = node_->now();
        kv_.cas(key_, std::move(from), json::encode(target),
                [this, target, asked_at](const Answer& answer) {
                    round_trip_ = node_->now() - asked_at;
                    if (!answer) return catch_up();
                    failures_ = 0;
                    stored_.merge(target);
                    swap();
                });
    }

    static L joined(L a, const L& b) {
        a.merge(b);
        return a;
    }

    /// Reads what the store holds now, and tries again after a while that grows with the
    /// contention. The read does not wait for the marker's answer: should it overtake the marker,
    /// it may be stale, and the next swap fails once more.
    void catch_up() {
        ++failures_;
        kv_.write(key_ + '/' + gossip_->replica_id(), ++markers_, [](const Answer&) {});
        read([this] {
            const Time spread = std::min(round_trip_ * std::min(failures_, 4U), longest_back_off);
            retry_at_ = node_->now() + random_.below(spread + 1);
        });
    }

    void retry() {
        retry_at_.reset();
        swap();
    }

    void read(std::function<void()> done) {
        kv_.read(key_, [this, done = std::move(done)](const Answer& answer) {
            if (answer) learn(answer.body->value("value", nlohmann::json()));
            done();
        });
    }

    void learn(const nlohmann::json& value) {
        if (!value.is_string())
            return node_->log()(LogLevel::error, key_ + " holds what is not ours");
        const auto state = json::try_decode<L>(value.template get_ref<const std::string&>());
        if (!state)
            return node_->log()(LogLevel::error,
                                key_ + " holds what is not ours: " + state.error().text());
        stored_.merge(*state);
        gossip_->join(*state);
        finish_waiters();
    }

    void finish_waiters() {
        std::vector<Waiter> finished;
        const auto waiting =
            std::stable_partition(waiters_.begin(), waiters_.end(),
                                  [&](const Waiter& waiter) { return waiter.delta.leq(stored_); });
        std::move(waiters_.begin(), waiting, std::back_inserter(finished));
        waiters_.erase(waiters_.begin(), waiting);
        for (const Waiter& waiter : finished) waiter.done();
    }
};

}  // namespace crdt::maelstrom
