// SPDX-License-Identifier: MIT
//! TurnSchedule: decides when a node of a KvStore writes, and when it passes its changes on.
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

/// The state machine that decides when a node holds the turn, passes it on, or writes to the store.
///
///     resting ────────── a change, or a turn arrives ─────────▶ holding
///        ▲                                                       │    ▲
///        │◀── passed on, with no change of its own that waits ───┤    │ the turn arrives,
///        │◀── nothing left to write, nobody left to inform ──────┤    │ or a timeout
///                                                                ▼    │
///                                 passed on, with a change ──▶ expecting
///
/// If the holder of the turn has a change, it waits for `shortest_turn` to collect more. Otherwise
/// it waits for a change, for up to `longest_turn`. Then the holder becomes a contributor and
/// passes the turn to the next node that awaits the turn. If no node awaits it, the holder writes
/// the changes of all contributors. After the write, the contributors await the turn, which shows
/// that their changes are stored.
///
/// An example: n0 adds a change and passes the turn to n1, n1 adds one and passes the turn to n2,
/// n2 adds one and writes. Then n2 passes the turn to n0, and so on. So each message between nodes
/// carries both new changes and the acknowledgement of stored ones.
///
/// A node that receives no turn writes its changes alone. Then it requests a turn from another
/// node, with growing pauses between requests. A node that is active accepts the request.
///
/// A turn may be lost, and there may be several turns. No change is lost, because changes are
/// joined and each node writes a separate key. Turns only reduce the number of messages. A node
/// prefers to pass the turn to nodes from which earlier turns came back. So if messages between two
/// nodes are lost in one direction, the turn takes the other direction.
class TurnSchedule {
  public:
    /// The states of the machine.
    enum class State { resting, holding, expecting };
    /// How long a holder with a change collects more changes before it passes the turn on or
    /// writes.
    static constexpr Duration shortest_turn = std::chrono::milliseconds{10};
    /// How long a node that writes alone collects changes.
    static constexpr Duration lone_turn = std::chrono::milliseconds{100};
    /// How long a holder without a change waits for one, if it is active.
    static constexpr Duration longest_turn = std::chrono::milliseconds{100};
    /// How long a node is active after a change, or after the acknowledgement of a change.
    static constexpr Duration activity = std::chrono::milliseconds{300};
    /// The lower bound of the timeout after which a turn counts as lost. The timeout is four times
    /// as long as turns took recently to come back.
    static constexpr Duration shortest_timeout = std::chrono::milliseconds{300};
    /// The upper bound of this timeout.
    static constexpr Duration longest_timeout = std::chrono::milliseconds{2000};
    /// The pause of requests after the first request or loss. Each further one doubles the pause.
    static constexpr Duration first_pause = std::chrono::milliseconds{250};
    /// The pause doubles at most this many times.
    static constexpr unsigned most_doublings = 2;

  private:
    std::string self_;
    /// The peers in the order in which they receive the turn: at first by id, beginning after this
    /// node. If a turn does not come back from a peer, the peer usually moves to the end.
    std::vector<std::string> peers_;
    State state_ = State::resting;
    /// The time when `state_` was entered.
    Time since_{};
    Time active_until_{};
    NodeIds contributors_, awaiting_;
    /// The receiver of the turn that is expected back.
    std::string passed_to_;
    /// The peers from which the last turn did not come back.
    NodeIds lost_;
    /// The time that the last turn took to come back, or half of the earlier value if that is
    /// greater.
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

    /// Returns the state.
    State state() const { return state_; }
    /// Returns the nodes with changes that the next write must contain.
    const NodeIds& contributors() const { return contributors_; }
    /// Returns the nodes that the turn must reach before the next write.
    const NodeIds& awaiting() const { return awaiting_; }
    /// Returns the time when the turn ends, or counts as lost. Returns nothing if the node rests.
    /// `has_change`: does this node have a change of its own that is not in the store?
    std::optional<Time> deadline(bool has_change) const {
        if (state_ == State::resting) return std::nullopt;
        if (state_ == State::expecting) return since_ + timeout();
        if (has_change) return since_ + (is_alone() ? lone_turn : shortest_turn);
        return std::clamp(active_until_, since_, since_ + longest_turn);
    }

    // ---- transitions: each function handles one event

    /// Handles a new change of this node.
    void on_change(Time now) {
        if (active_until_ < now && state_ == State::resting) awaiting_.clear();
        stay_active(now);
        if (state_ == State::resting) become_holding(now);
    }
    /// Handles the acknowledgement of a change of this node. The client may send the next one.
    void stay_active(Time now) { active_until_ = now + activity; }

    /// Handles a received turn. `is_back`: does the turn contain all that this node passed on last?
    void on_turn(const std::string& from, const NodeIds& contributors, const NodeIds& awaiting,
                 bool is_back, Time now) {
        // Only a request for a turn contains its own sender in `awaiting`.
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
    /// Handles the timeout of a turn that did not come back. The node continues alone.
    void on_timeout(Time now) {
        on_loss(now);
        contributors_.clear();
        awaiting_.clear();
        become_holding(now - lone_turn);  // it need not wait for more changes
    }

    /// Ends the turn. Returns the next holder, or nothing if this node itself is to write.
    std::optional<std::string> next(bool has_change, Time now) {
        const bool is_active = has_change || now < active_until_;
        if (is_active) contributors_.insert(self_);
        if (awaiting_.empty()) return std::nullopt;
        const auto is_new = [&](const auto& peer) { return !contributors_.contains(peer); };
        const auto has_lost = [&](const auto& peer) { return lost_.contains(peer); };
        auto found =
            find([&](const auto& peer) { return awaiting_.contains(peer) && !has_lost(peer); });
        // If a node that awaits the turn cannot be reached, another node may reach it. Each such
        // detour adds a contributor, so the turn does not go in circles.
        if (!found && is_active) {
            found = find([&](const auto& peer) { return is_new(peer) && !has_lost(peer); });
            if (!found) found = find(is_new);
        }
        if (found) awaiting_.erase(*found);
        return found;
    }
    /// Handles that the turn was passed to `next`.
    void on_passed(const std::string& next, bool has_change, Time now) {
        passed_to_ = next;
        has_change ? become_expecting(now) : become_resting();
    }
    /// Begins a write. Returns its contributors and clears them here.
    NodeIds begin_write() { return std::exchange(contributors_, {}); }
    /// Handles the end of a write with the changes of the nodes `written`. If this node wrote
    /// alone, may return a node. The caller then requests a turn from that node.
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
    /// Enters `resting`, because there is nothing to write.
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
    /// Handles the loss of the turn that was passed on. After the first loss in a row, moves
    /// `passed_to_` to the end of the order. But a later node may have lost the turn. So after a
    /// further loss, moves `passed_to_` only in half of the cases, at random. Otherwise all nodes
    /// could change their orders at the same time, again and again.
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
    /// Returns the first peer with `property`, or none.
    template <class Property>
    std::optional<std::string> find(Property&& property) const {
        const auto found = std::find_if(peers_.begin(), peers_.end(), property);
        return found == peers_.end() ? std::nullopt : std::optional(*found);
    }
    /// Does no other node take part in the next write?
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
    /// Inserts those of `ids` that are peers.
    void insert(NodeIds& into, const NodeIds& ids) const {
        std::copy_if(ids.begin(), ids.end(), std::inserter(into, into.end()), [&](const auto& id) {
            return std::find(peers_.begin(), peers_.end(), id) != peers_.end();
        });
    }
};

}  // namespace crdt::maelstrom
