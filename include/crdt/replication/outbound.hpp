// SPDX-License-Identifier: MIT
//! Outbound: how far one peer has come in this replica's log, and what to send to it next.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/delta_log.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/options.hpp>

namespace crdt::replication {

/// What is it that brings a peer up: what its digest lacks, all that there is, or all that there is
/// where its sketch differs?
enum class Scope { lacking, all, differing };

/// The sending end of a link. It begins with pieces that bring the peer up, one at a time, each
/// when the one before was acknowledged; behind them the log goes on.
///
/// News follow one another an interval apart while acks may lag. When an ack is overdue, all that
/// is not acknowledged is sent again, and nothing else until the peer is heard.
template <DecomposableLattice L, class PeerId, class Policy>
class Outbound {
    using Log = DeltaLog<L, PeerId, Policy>;

    static constexpr std::size_t most_told = 16;
    static constexpr Duration no_pause = (Duration::max)();

    PeerId peer_;
    /// What brings the peer up and is not acknowledged.
    std::vector<L> pieces_;
    Scope scope_;
    bool confirmed_ = false;
    /// The peer said that it has everything before this, and was sent the changes before that.
    Sequence acked_;
    Sequence sent_;
    /// It lacks nothing before this, and before that nothing but what was sent and may be lost.
    Sequence position_;
    Sequence fresh_from_;
    /// The ends of what was sent since it was last heard or given up, some of the last.
    std::vector<Sequence> told_;
    /// The last news were cut short to fit into a message: the rest follows the ack.
    bool cut_ = false;
    /// What the peer has sent since it was last sent all news.
    L echo_;
    Time sent_at_{};
    Duration patience_{};
    Time retry_at_{};
    /// After what was sent last, if that is shorter than the interval.
    Duration pause_ = no_pause;
    unsigned overdue_ = 0;

  public:
    /// Whoever makes one sends opening() at once. `first` is the first of as many positions, new
    /// ones, as there are pieces: no earlier ack, however late, can be taken for one of theirs.
    Outbound(PeerId peer, Scope scope, std::vector<L> pieces, Sequence first)
        : peer_(std::move(peer)),
          pieces_(std::move(pieces)),
          scope_(scope),
          acked_(first),
          sent_(first),
          position_(first + pieces_.size() - 1),
          fresh_from_(position_) {
        std::reverse(pieces_.begin(), pieces_.end());
    }

    /// The first piece, whatever the peer has received before. It is sent again when the peer asks.
    Interval<L> opening() const { return {pieces_.back(), 0, acked_}; }
    /// What the pieces are, while there are any.
    Scope scope() const { return has_pieces() ? scope_ : Scope::lacking; }
    bool has_pieces() const { return !pieces_.empty(); }
    /// The ends of what was sent and may be acknowledged apart, some of the last.
    const std::vector<Sequence>& announced() const { return told_; }
    /// What the peer has sent since it was last sent all news; bottom if there are none.
    const L& received_since_send() const { return echo_; }
    /// More follows what was sent last, as soon as that is acknowledged.
    bool has_more() const { return pieces_.size() > 1 || cut_; }
    bool has_fresh(const Log& log) const {
        return confirmed_ && pieces_.empty() && overdue_ == 0 && !cut_ &&
               log.has_news(fresh_from_, peer_);
    }

    /// The peer has acknowledged the opening.
    bool confirmed() const { return confirmed_; }
    /// The peer lacks nothing of the log before this.
    Sequence position() const { return position_; }
    /// Where the peer stands, and where it will when the acks come that are on their way: the log
    /// keeps the changes between these apart, lest an ack reach into the middle of one.
    std::vector<typename Log::Standing> standings() const {
        std::vector<typename Log::Standing> all{{peer_, position_}};
        for (const Sequence label : told_) all.push_back({peer_, label});
        return all;
    }

    /// Takes an ack. An old one says nothing. True iff the position is another now.
    bool acknowledge(Sequence ack, const Log& log) {
        if (ack < acked_) return false;
        overdue_ = 0;
        if (ack == acked_ && confirmed_) return false;
        if (!pieces_.empty()) {
            pieces_.pop_back();
            confirmed_ = true;
        }
        acked_ = ack;
        sent_ = (std::max)(sent_, ack);
        std::erase_if(told_, [&](Sequence label) { return label <= ack; });
        const Sequence before = position_;
        position_ = (std::max)(position_, acked_ == sent_ ? (std::max)(fresh_from_, ack) : ack);
        fresh_from_ = (std::max)(fresh_from_, position_);
        if (in_flight()) retry_at_ = sent_at_ + patience_;
        if (!log.has_news(position_, peer_)) echo_ = L{};
        return position_ != before;
    }

    /// The peer has sent `delta`: it need not be sent that.
    void heard(const L& delta, const Log& log) {
        if constexpr (Policy::avoids_echo) {
            if (log.has_news(position_, peer_)) echo_.merge(delta);
        }
    }

    /// When next() has something to send.
    std::optional<Time> deadline(const Log& log, Duration interval) const {
        if (!confirmed_) return std::nullopt;
        if (!pieces_.empty()) return in_flight() ? retry_at_ : Time{};
        if (!log.has_news(position_, peer_)) return std::nullopt;
        const bool fresh = log.has_news(fresh_from_, peer_);
        if (!in_flight() && !fresh) return std::nullopt;
        const Time next_at = sent_at_ + (std::min)(interval, pause_);
        if (!in_flight()) return cut_ ? Time{} : next_at;
        if (fresh && overdue_ == 0 && !cut_) return (std::min)(next_at, retry_at_);
        return retry_at_;
    }

    /// What comes next waits no longer than `pause` after what was sent before, if there is no ack
    /// overdue.
    void expedite(Duration pause) { pause_ = (std::min)(pause_, pause); }

    bool in_flight() const { return sent_ != acked_; }
    /// When something was last sent that is not acknowledged yet. Precondition: in_flight().
    Time sent_at() const { return sent_at_; }
    bool is_overdue(Time now) const { return in_flight() && retry_at_ <= now; }
    /// How often in a row the peer left news without an ack.
    unsigned overdue() const { return overdue_; }

    /// The changes to be sent now; none if the peer turns out to have them. An ack is expected
    /// within `patience`.
    std::optional<Interval<L>> next(Log& log, Time now, Duration patience) {
        const bool again = is_overdue(now);
        if (again) {
            ++overdue_;
            sent_ = acked_;
            fresh_from_ = position_;
            told_.clear();
        }
        if (!pieces_.empty()) return send({pieces_.back(), acked_, acked_ + 1}, now, patience);
        log.seal();
        auto news = log.news(fresh_from_, peer_);
        if (!echo_.is_bottom()) {
            // What is taken out of the middle of ranges can leave more of them than there were.
            L rest = difference(news.delta, digest(echo_));
            if (Policy::cost(rest) <= Policy::cost(news.delta)) news.delta = std::move(rest);
        }
        fresh_from_ = news.last;
        cut_ = news.last < log.end();
        // What the peer has said by now is no news later on. Kept, it would grow for as long as
        // there is always some news on its way.
        if (!cut_) echo_ = L{};
        if (news.delta.is_bottom()) {
            if (in_flight()) return std::nullopt;
            position_ = fresh_from_;
            overdue_ = 0;
            return std::nullopt;
        }
        return send({std::move(news.delta), sent_, news.last}, now, patience);
    }

  private:
    Interval<L> send(Interval<L> changes, Time now, Duration patience) {
        if (!in_flight()) retry_at_ = now + patience;
        sent_ = changes.last;
        if (told_.size() == most_told) told_.erase(told_.begin());
        told_.push_back(sent_);
        sent_at_ = now;
        pause_ = no_pause;
        patience_ = patience;
        return changes;
    }
};

}  // namespace crdt::replication
