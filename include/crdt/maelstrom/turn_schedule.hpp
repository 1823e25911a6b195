// SPDX-License-Identifier: MIT
//! TurnSchedule: when a node of a KvStore writes, and when it passes its changes on instead.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <crdt/maelstrom/turn.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::maelstrom {

using replication::Duration;
using replication::Time;

/// The state machine of turns, without the changes themselves.
///
///     resting ────────── a change, or a turn arrives ─────────▶ holding
///        ▲                                                       │    ▲
///        │◀── passed on, with no change of its own that waits ───┤    │ the turn arrives,
///        │◀── nothing left to write, nobody left to inform ──────┤    │ or a timeout
///                                                                ▼    │
///                                 passed on, with a change ──▶ expecting
///
/// A node that holds the turn waits for its own next change: at least `shortest_turn`, so that
/// changes are batched, and at most `longest_turn`. Then it becomes a contributor and passes the
/// turn to the next node that awaits it. If no node awaits it, the holder writes the changes of all
/// contributors. Then the contributors await the turn. It informs them that their changes are in
/// the store.
///
/// With three active nodes, n0 adds, n1 adds, n2 adds and writes; then n0 receives the turn, adds,
/// n1 adds and writes, and so on: each message between nodes carries a change in one direction and
/// an acknowledgement at the same time.
///
/// A node without a turn writes its changes alone. Then it requests a turn from another node, with
/// growing pauses. An active node accepts the request.
///
/// A turn may be lost, and there may be several turns. No change is lost, because changes are
/// joined and each node writes a separate key. So turns only reduce the number of messages. A node
/// prefers to pass the turn to nodes from which it came back. So if messages are lost in one
/// direction only, the turn goes around in the other.
class TurnSchedule {
  public:
    /// The states of the machine.
    enum class State { resting, holding, expecting };
    /// The time in which a node collects changes before it passes the turn on or writes.
    static constexpr Duration shortest_turn = std::chrono::milliseconds{10};
    /// The time in which a node that writes alone collects changes.
    static constexpr Duration lone_turn = std::chrono::milliseconds{100};
    /// The longest time that an active node waits for another change.
    static constexpr Duration longest_turn = std::chrono::milliseconds{100};
    /// A node is active for this long after a change or its acknowledgement.
    static constexpr Duration activity = std::chrono::milliseconds{300};
    /// A turn that has not come back is lost after four times as long as turns took recently, but
    /// not before this time.
    static constexpr Duration shortest_timeout = std::chrono::milliseconds{300};
    /// The upper bound of that time.
    static constexpr Duration longest_timeout = std::chrono::milliseconds{2000};
    /// The pause after the first request or loss. It doubles with each further one.
    static constexpr Duration first_pause = std::chrono::milliseconds{250};
    /// The pause doubles at most this many times.
    static constexpr unsigned most_doublings = 2;

  private:
    std::string self_;
    /// The peers in the order in which they receive the turn, beginning after this node. If a turn
    /// does not come back from a peer, the peer becomes the last.
    std::vector<std::string> peers_;
    State state_ = State::resting;
    /// The time of the transition to `state_`.
    Time since_{};
    Time active_until_{};
    NodeIds contributors_, awaiting_;
    /// The receiver of the turn that is expected back.
    std::string passed_to_;
    /// The peers from which the last turn did not come back.
    NodeIds lost_;
    /// How long turns took to come back. It is the longest time, but each new time halves the
    /// weight of the older ones.
    Duration return_time_ = std::chrono::milliseconds{250};
    /// The number of turns in a row that did not come back.
    unsigned losses_ = 0;
    /// The time until which the node makes no request.
    Time request_at_{};
    unsigned requests_ = 0;
    Random random_{0};

  public:
    /// Sets the node's id and its peers.
    void set_members(const std::string& self, std::vector<std::string> peers) {
        self_ = self;
        peers_ = std::move(peers);
        std::sort(peers_.begin(), peers_.end());
        std::rotate(peers_.begin(), std::upper_bound(peers_.begin(), peers_.end(), self_),
                    peers_.end());
        std::uint64_t seed = 0;
        for (const char letter : self_) seed = 31 * seed + static_cast<unsigned char>(letter);
        random_ = Random(seed);
    }

    /// The state.
    State state() const { return state_; }
    /// The contributors to the next write.
    const NodeIds& contributors() const { return contributors_; }
    /// The nodes that the turn must reach before the next write.
    const NodeIds& awaiting() const { return awaiting_; }
    /// When the turn ends, or is lost, or nothing if the node rests. `has_change`: does the node
    /// itself have a change that is not in the store?
    std::optional<Time> deadline(bool has_change) const {
        if (state_ == State::resting) return std::nullopt;
        if (state_ == State::expecting) return since_ + timeout();
        if (has_change) return since_ + (is_alone() ? lone_turn : shortest_turn);
        return std::clamp(active_until_, since_, since_ + longest_turn);
    }

    // ---- transitions: each is called when the event in its comment has happened

    /// The node has a new change.
    void on_change(Time now) {
        if (active_until_ < now && state_ == State::resting) awaiting_.clear();
        stay_active(now);
        if (state_ == State::resting) become_holding(now);
    }
    /// A change of the node was acknowledged. Its client may send the next one.
    void stay_active(Time now) { active_until_ = now + activity; }

    /// A turn has arrived. `is_back`: does it contain what this node passed on last?
    void on_turn(const std::string& from, const NodeIds& contributors, const NodeIds& awaiting,
                 bool is_back, Time now) {
        // Only a request for a turn names its sender as a node that awaits the turn.
        if (awaiting.contains(from)) {
            if (now < active_until_) insert(awaiting_, {from});
            return;
        }
        insert(contributors_, contributors);
        insert(awaiting_, awaiting);
        requests_ = 0;
        if (state_ == State::expecting) is_back ? on_return(now) : on_loss(now);
        if (state_ != State::holding) become_holding(now);
    }
    /// The turn did not come back. The node continues alone.
    void on_timeout(Time now) {
        on_loss(now);
        contributors_.clear();
        awaiting_.clear();
        become_holding(now - lone_turn);  // its changes have waited long enough
    }

    /// The turn ends. Returns the next holder. If no node awaits the turn, returns none, and this
    /// node writes.
    std::optional<std::string> next(bool has_change, Time now) {
        const bool is_active = has_change || now < active_until_;
        if (is_active) contributors_.insert(self_);
        if (awaiting_.empty()) return std::nullopt;
        const auto is_new = [&](const auto& peer) { return !contributors_.contains(peer); };
        const auto has_lost = [&](const auto& peer) { return lost_.contains(peer); };
        auto found =
            find([&](const auto& peer) { return awaiting_.contains(peer) && !has_lost(peer); });
        // Another node may reach the nodes that this node does not reach. Each such detour adds a
        // contributor, so the turn does not go in circles.
        if (!found && is_active) {
            found = find([&](const auto& peer) { return is_new(peer) && !has_lost(peer); });
            if (!found) found = find(is_new);
        }
        if (found) awaiting_.erase(*found);
        return found;
    }
    /// The turn was passed to `next`.
    void on_passed(const std::string& next, bool has_change, Time now) {
        passed_to_ = next;
        has_change ? become_expecting(now) : become_resting();
    }
    /// Takes the contributors to the write that begins now.
    NodeIds begin_write() { return std::exchange(contributors_, {}); }
    /// The changes of `written` are in the store. Returns a node to request the turn from, if this
    /// node writes alone.
    std::optional<std::string> on_written(const NodeIds& written, bool has_change, Time now) {
        insert(awaiting_, written);
        if (is_alone() && !has_change)
            become_resting();
        else
            become_holding(now);
        if (!is_alone() || peers_.empty() || now < request_at_) return std::nullopt;
        pause_requests(requests_, now);
        return peers_[requests_++ % peers_.size()];
    }
    /// There is nothing to write.
    void become_resting() {
        state_ = State::resting;
        contributors_.clear();
        awaiting_.clear();
    }

  private:
    Duration timeout() const {
        return std::clamp(4 * return_time_, shortest_timeout, longest_timeout);
    }
    void on_return(Time now) {
        return_time_ = (std::max)(return_time_ / 2, now - since_);
        lost_.erase(passed_to_);
        losses_ = 0;
        request_at_ = now;
    }
    /// The turn that was passed on is lost, or it is at another node that does not receive
    /// everything. It may have been lost after the next node. So after the first loss in a row it
    /// is random whether another node is preferred. Otherwise all nodes could change their order at
    /// once, again and again.
    void on_loss(Time now) {
        lost_.insert(passed_to_);
        pause_requests(losses_, now);
        if (losses_++ > 0 && random_.below(2) == 0) return;
        const auto found = std::find(peers_.begin(), peers_.end(), passed_to_);
        std::rotate(found, std::next(found), peers_.end());
    }
    void pause_requests(unsigned doublings, Time now) {
        request_at_ = now + first_pause * (1U << (std::min)(doublings, most_doublings));
    }
    /// Returns the first peer with the property, or none.
    template <class Property>
    std::optional<std::string> find(Property&& property) const {
        const auto found = std::find_if(peers_.begin(), peers_.end(), property);
        return found == peers_.end() ? std::nullopt : std::optional(*found);
    }
    /// No other node takes part in the next write.
    bool is_alone() const { return contributors_.empty() && awaiting_.empty(); }
    void become_holding(Time now) {
        state_ = State::holding;
        since_ = now;
    }
    void become_expecting(Time now) {
        become_resting();
        state_ = State::expecting;
        since_ = now;
    }
    /// Inserts all of `ids` that are peers.
    void insert(NodeIds& into, const NodeIds& ids) const {
        std::copy_if(ids.begin(), ids.end(), std::inserter(into, into.end()), [&](const auto& id) {
            return std::find(peers_.begin(), peers_.end(), id) != peers_.end();
        });
    }
};

}  // namespace crdt::maelstrom
