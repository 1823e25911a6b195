// SPDX-License-Identifier: MIT
//! DeltaLog: a bounded log of the changes that some peer may still lack.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <crdt/detail/inlining.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/policy.hpp>
#include <crdt/replication/split.hpp>

namespace crdt::replication {

/// A log of deltas. Each entry contains a delta and its origin: the peer that sent the delta, or
/// none if the change is local.
///
/// Changes of one origin that were never sent are joined when they arrive. Changes that were sent
/// are joined if no peer has a position between them, and if their origins are equal or no longer
/// matter (see drop_origins()). So if a peer is disconnected for a long time, the log holds a few
/// growing deltas instead of many small ones. An entry of several ranges costs at most as much as a
/// message may cost.
template <DecomposableLattice L, class PeerId, class Policy = replication::Policy>
class DeltaLog {
    struct Entry {
        L delta;
        std::optional<PeerId> origin;
        /// The positions of the first and the last change that were joined to this entry.
        Sequence first;
        Sequence sequence;
        std::size_t cost;
    };

    std::vector<Entry> entries_;
    std::size_t entry_limit_;
    Sequence begin_ = 1;
    Sequence end_ = 1;
    Sequence sealed_ = 1;
    std::size_t cost_ = 0;           // of the sealed entries
    std::size_t unsealed_cost_ = 0;  // an upper bound: joined changes may cost less

    template <class Predicate>
    void drop_if(Predicate&& needless) {
        std::erase_if(entries_, [&](const Entry& entry) {
            if (!needless(entry)) return false;
            (entry.sequence < sealed_ ? cost_ : unsealed_cost_) -= entry.cost;
            return true;
        });
    }

    bool is_pending(const Entry& entry, Sequence from, const PeerId& peer) const {
        return entry.sequence >= from && !(Policy::avoids_back_propagation && entry.origin == peer);
    }

  public:
    /// A peer and its position in this log. The peer lacks no change before the position.
    struct Cursor {
        PeerId peer;        ///< the peer
        Sequence position;  ///< its position in this log
    };
    /// The result of pending(): changes that were joined to be sent to a peer.
    struct Pending {
        L delta;        ///< the join of the changes
        Sequence last;  ///< the position after the last change
    };

    /// Makes an empty log. An entry costs at most `entry_limit`, unless it is a single range.
    explicit DeltaLog(std::size_t entry_limit = (std::numeric_limits<std::size_t>::max)())
        : entry_limit_(entry_limit) {}

    /// Returns the position after the newest change that truncate() or clear() has dropped. A peer
    /// with an earlier position must be resynchronised.
    Sequence begin() const { return begin_; }
    /// The position after the last change.
    Sequence end() const { return end_; }
    /// Are all changes sealed? If so, no later change is joined to them.
    bool is_sealed() const { return sealed_ == end_; }
    /// Returns true iff no entry contains changes on both sides of `position`.
    bool is_boundary(Sequence position) const {
        return std::none_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
            return entry.first < position && position <= entry.sequence;
        });
    }
    /// The number of entries.
    std::size_t size() const { return entries_.size(); }
    /// The cost of the sealed entries.
    std::size_t cost() const { return cost_; }
    /// Returns an upper bound of the cost of the changes that are not sealed.
    std::size_t unsealed_cost() const { return unsealed_cost_; }

    /// Appends a change. `origin` is the peer that has sent it, or none. If the last entry is not
    /// sealed, has the same origin and has room, the change is joined to this entry.
    void append(const L& delta, const std::optional<PeerId>& origin) {
        const std::size_t cost = Policy::cost(delta);
        if (cost <= entry_limit_) return append_piece(delta, cost, origin);
        for (const L& piece : split<Policy>(delta, entry_limit_))
            append_piece(piece, Policy::cost(piece), origin);
    }

    /// Drops all changes. Their positions are not used again.
    void clear() noexcept {
        entries_.clear();
        begin_ = sealed_ = end_;
        cost_ = unsealed_cost_ = 0;
    }

    /// Seals all changes. Call it before end() is sent to a peer as a position.
    void seal() {
        for (Entry& entry : entries_) {
            if (entry.sequence < sealed_) continue;
            entry.cost = Policy::cost(entry.delta);
            cost_ += entry.cost;
        }
        sealed_ = end_;
        unsealed_cost_ = 0;
    }

    /// Seals all changes, and reserves `count` new positions for the pieces of a transfer to one
    /// peer. No change of the log gets a reserved position. Returns the first reserved position.
    Sequence reserve(std::size_t count) {
        seal();
        const Sequence first = end_ + 1;
        sealed_ = end_ += count;
        return first;
    }

    /// Is there a change at the position `from` or later that `peer` did not send itself?
    bool has_pending(Sequence from, const PeerId& peer) const {
        for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
            if (entry->sequence < from) return false;
            if (is_pending(*entry, from, peer)) return true;
        }
        return false;
    }

    /// Returns the cost of the changes at `from` or later that `peer` did not send itself.
    std::size_t pending_cost(Sequence from, const PeerId& peer) const {
        std::size_t cost = 0;
        for (const Entry& entry : entries_) cost += is_pending(entry, from, peer) ? entry.cost : 0;
        return cost;
    }

    /// Returns the join of the changes at `from` or later that `peer` did not send itself (BP). If
    /// they do not all fit into one message, joins only the first changes.
    Pending pending(Sequence from, const PeerId& peer) const {
        Pending result{L{}, end_};
        std::size_t cost = 0;
        for (const Entry& entry : entries_) {
            if (!is_pending(entry, from, peer)) continue;
            if (cost != 0 && cost + entry.cost > entry_limit_) {
                result.last = entry.first;
                break;
            }
            cost += entry.cost;
            result.delta.merge(entry.delta);
        }
        return result;
    }

    /// Drops the changes that no peer of `cursors` needs. Joins adjacent changes if no position of
    /// `cursors` is between them.
    void compact(const std::vector<Cursor>& cursors) {
        drop_if([&](const Entry& entry) {
            for (const Cursor& cursor : cursors) {
                if (is_pending(entry, cursor.position, cursor.peer)) return false;
            }
            return true;
        });
        drop_origins(cursors);
        merge_neighbours(cursors);
    }

    /// Drops the oldest sealed changes until the remaining sealed changes cost at most `limit`.
    /// Returns true iff changes were dropped.
    bool truncate(std::size_t limit) {
        if (cost_ <= limit) return false;
        std::size_t excess = cost_ - limit;
        drop_if([&](const Entry& entry) {
            if (excess == 0 || entry.sequence >= sealed_) return false;
            excess -= entry.cost < excess ? entry.cost : excess;
            begin_ = entry.sequence + 1;
            return true;
        });
        return true;
    }

  private:
    // GCC 12 inlines this with an empty `origin`, and then warns that its content is not there.
    CRDT_NOINLINE void append_piece(const L& piece, std::size_t cost,
                                    const std::optional<PeerId>& origin) {
        if (entries_.empty() || entries_.back().sequence < sealed_ ||
            entries_.back().origin != origin || entries_.back().cost + cost > entry_limit_) {
            entries_.push_back({L{}, origin, end_, end_, 0});
            ++end_;
        }
        entries_.back().delta.merge(piece);
        entries_.back().cost += cost;
        unsealed_cost_ += cost;
    }
    /// Removes from sealed changes the origins that no longer matter. An origin is a peer. It
    /// matters while the position of this peer is at or before the change, because the change must
    /// not be sent back to the peer.
    void drop_origins(const std::vector<Cursor>& cursors) {
        for (Entry& entry : entries_) {
            bool matters = false;
            for (const Cursor& cursor : cursors) {
                matters |= entry.origin == cursor.peer && cursor.position <= entry.sequence;
            }
            if (!matters && entry.sequence < sealed_) entry.origin.reset();
        }
    }

    void merge_neighbours(const std::vector<Cursor>& cursors) {
        const auto mergeable = [&](const Entry& earlier, const Entry& later) {
            if (later.sequence >= sealed_ || earlier.origin != later.origin ||
                earlier.cost + later.cost > entry_limit_)
                return false;
            for (const Cursor& cursor : cursors) {
                if (earlier.sequence < cursor.position && cursor.position <= later.sequence)
                    return false;
            }
            return true;
        };
        if (entries_.size() < 2) return;
        auto last = entries_.begin();  // of the entries that stay
        for (auto entry = last + 1; entry != entries_.end(); ++entry) {
            if (mergeable(*last, *entry)) {
                cost_ -= last->cost + entry->cost;
                last->delta.merge(entry->delta);
                last->sequence = entry->sequence;
                last->cost = Policy::cost(last->delta);
                cost_ += last->cost;
            } else if (++last != entry) {
                *last = std::move(*entry);
            }
        }
        entries_.erase(last + 1, entries_.end());
    }
};

}  // namespace crdt::replication
