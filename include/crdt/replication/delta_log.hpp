// SPDX-License-Identifier: MIT
//! DeltaLog: the changes that some peer may still lack, in order, bounded.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>

namespace crdt::replication {

/// A log of deltas, each with the peer it came from (none for a local one).
///
/// Changes that were never sent are joined as they come. Sent ones are joined where no peer stands
/// between them and their origin no longer matters, so that a peer that is cut off for long costs
/// one growing delta, not a long log.
template <DecomposableLattice L, class PeerId>
class DeltaLog {
    struct Entry {
        L delta;
        std::optional<PeerId> origin;
        Sequence sequence;
        std::size_t parts;
    };

    std::vector<Entry> entries_;
    Sequence begin_ = 1;
    Sequence end_ = 1;
    Sequence sealed_ = 1;
    std::size_t parts_ = 0;

    template <class Predicate>
    void drop_if(Predicate&& needless) {
        std::erase_if(entries_, [&](const Entry& entry) {
            if (!needless(entry)) return false;
            parts_ -= entry.parts;
            return true;
        });
    }

  public:
    /// Where a peer stands: it lacks nothing before `position`.
    struct Standing {
        PeerId peer;
        Sequence position;
    };

    /// The earliest position from which nothing was lost, and the one behind the last change.
    Sequence begin() const { return begin_; }
    Sequence end() const { return end_; }
    /// Entries held, and the join-irreducible parts in the sealed ones.
    std::size_t size() const { return entries_.size(); }
    std::size_t parts() const { return parts_; }

    /// Appends a change; it joins the last one if that has the same origin and is not sealed.
    void append(const L& delta, const std::optional<PeerId>& origin) {
        if (entries_.empty() || entries_.back().sequence < sealed_ ||
            entries_.back().origin != origin)
            entries_.push_back({L{}, origin, end_++, 0});
        entries_.back().delta.merge(delta);
    }

    /// Fixes all changes so far, because some peer is told of end().
    void seal() {
        for (Entry& entry : entries_) {
            if (entry.sequence < sealed_) continue;
            entry.parts = part_count(entry.delta);
            parts_ += entry.parts;
        }
        sealed_ = end_;
    }

    /// Seals, and returns a position that nobody was told of before.
    Sequence new_position() {
        seal();
        sealed_ = ++end_;
        return end_;
    }

    /// True iff there is a change from `from` on that `peer` did not send itself.
    bool has_news(Sequence from, const PeerId& peer) const {
        for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
            if (entry->sequence < from) return false;
            if (entry->origin != peer) return true;
        }
        return false;
    }

    /// The join of the changes from `from` on that `peer` did not send itself: back-propagation of
    /// deltas is avoided (BP).
    L news(Sequence from, const PeerId& peer) const {
        L result;
        for (const Entry& entry : entries_) {
            if (entry.sequence >= from && entry.origin != peer) result.merge(entry.delta);
        }
        return result;
    }

    /// Drops what none of the peers needs and joins what none of them tells apart.
    void compact(const std::vector<Standing>& standings) {
        drop_if([&](const Entry& entry) {
            for (const Standing& standing : standings) {
                if (standing.position <= entry.sequence && entry.origin != standing.peer)
                    return false;
            }
            return true;
        });
        forget_origins(standings);
        join_neighbours(standings);
    }

    /// Drops the oldest sealed changes until at most `limit` parts are left. True iff any went.
    bool truncate(std::size_t limit) {
        if (parts_ <= limit) return false;
        std::size_t excess = parts_ - limit;
        drop_if([&](const Entry& entry) {
            if (excess == 0) return false;
            excess -= entry.parts < excess ? entry.parts : excess;
            begin_ = entry.sequence + 1;
            return true;
        });
        return true;
    }

  private:
    /// An origin matters only as long as its peer stands before the change.
    void forget_origins(const std::vector<Standing>& standings) {
        for (Entry& entry : entries_) {
            bool matters = false;
            for (const Standing& standing : standings) {
                matters |= entry.origin == standing.peer && standing.position <= entry.sequence;
            }
            if (!matters && entry.sequence < sealed_) entry.origin.reset();
        }
    }

    void join_neighbours(const std::vector<Standing>& standings) {
        const auto joinable = [&](const Entry& earlier, const Entry& later) {
            if (later.sequence >= sealed_ || earlier.origin != later.origin) return false;
            for (const Standing& standing : standings) {
                if (earlier.sequence < standing.position && standing.position <= later.sequence)
                    return false;
            }
            return true;
        };
        std::vector<Entry> joined;
        for (Entry& entry : entries_) {
            if (!joined.empty() && joinable(joined.back(), entry)) {
                parts_ -= joined.back().parts + entry.parts;
                joined.back().delta.merge(entry.delta);
                joined.back().sequence = entry.sequence;
                joined.back().parts = part_count(joined.back().delta);
                parts_ += joined.back().parts;
            } else {
                joined.push_back(std::move(entry));
            }
        }
        entries_ = std::move(joined);
    }
};

}  // namespace crdt::replication
