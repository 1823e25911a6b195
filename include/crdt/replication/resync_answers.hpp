// SPDX-License-Identifier: MIT
//! ResyncAnswers: the requests of a peer, and the answers of this replica.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/composition.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/resync.hpp>
#include <crdt/replication/send_progress.hpp>
#include <crdt/replication/split.hpp>
#include <crdt/replication/timers.hpp>
#include <crdt/replication/transfer.hpp>

namespace crdt::replication {

/// The requests of one peer, and the answers. A request is a digest, a sketch, or the peer's own
/// state in pieces. When all pieces have arrived, they count as a request for everything that the
/// peer's state lacks. Only the last request is kept, and it is answered once.
template <DecomposableLattice L, class PeerId, class Policy>
class ResyncAnswers {
    using Strategy = ResyncStrategy<L, Policy>;
    using Sending = SendProgress<L, PeerId, Policy>;

    /// A request that is not answered yet.
    std::optional<SyncRequest<L>> request_ = {};
    /// Was the peer informed that the answer takes long?
    bool is_announced_ = false;
    /// The pieces of the peer's state that have arrived.
    std::optional<PartialState<L>> partial_ = {};

  public:
    /// Is there a request that is not answered yet?
    bool is_pending() const { return request_.has_value(); }

    /// The changes of `message` were joined. Records the requests in the message. An answer is due
    /// at `now`.
    void on_message(const Message<L>& message, TimerTable& timers, Time now) {
        if (message.digest) become_pending({message.digest, {}}, timers, now);
        if (message.sketch) become_pending({{}, message.sketch}, timers, now);
        if (!message.changes) return;
        if (message.changes->requests_answer())
            on_piece(*message.changes, timers, now);
        else if (message.changes->is_opening())
            partial_.reset();  // the peer does not continue the state that it began to send
    }

    /// If the answer to a neighbour takes long and was not announced yet, puts an announcement into
    /// the message. Returns true iff it did.
    bool announce(Composition<L, PeerId, Policy>& composition) {
        const L& state = composition.replica.state;
        if (!request_ || is_announced_ || !composition.is_to_neighbour) return false;
        if (!Strategy::is_large(state) || can_be_lazy(state)) return false;
        return is_announced_ = composition.message.answer_pending = true;
    }
    /// Puts everything that the peer lacks, according to its request, into the message. The request
    /// may be old, and the answer may be lost. So a known position of the peer is kept, and a new
    /// position counts only when the peer has acknowledged it. Returns true iff a transfer has
    /// begun.
    bool put(Composition<L, PeerId, Policy>& composition, Sending& sending, TimerTable& timers) {
        ++composition.replica.metrics.answers_sent;
        const bool is_sent_before = !sending.is_probing() && !sending.is_confirmed();
        const bool has_begun = !is_sent_before && put_new(composition, sending);
        if (is_sent_before || has_begun) composition.message.changes = sending.opening();
        request_.reset();
        is_announced_ = false;
        timers.clear(Timer::answer);
        return has_begun;
    }

  private:
    void become_pending(SyncRequest<L> request, TimerTable& timers, Time now) {
        request_ = std::move(request);
        timers.set(Timer::answer, now);
    }
    /// Joins a piece of the peer's state. After the last piece, records a request for everything
    /// that the peer's state lacks.
    void on_piece(const Changes<L>& changes, TimerTable& timers, Time now) {
        if (changes.is_opening()) partial_ = PartialState<L>{{}, changes.sketch};
        if (!partial_) return;
        partial_->state.merge(changes.delta);
        if (changes.more_pieces) return;
        become_pending({digest(partial_->state), std::move(partial_->sketch)}, timers, now);
        partial_.reset();
    }
    /// Returns true iff a transfer has begun. Otherwise the message contains the whole answer.
    bool put_new(Composition<L, PeerId, Policy>& composition, Sending& sending) {
        auto& replica = composition.replica;
        if (composition.is_to_neighbour && can_be_lazy(replica.state)) {
            return begin(
                composition, sending,
                {replica.state, std::move(*request_->digest), replica.options.message_limit});
        }
        const bool is_exact = request_->digest.has_value();
        auto pieces = split<Policy>(Strategy::answer(replica.state, *request_),
                                    replica.options.message_limit);
        const bool is_whole = pieces.size() == 1;
        if (!composition.is_to_neighbour) {
            put_difference(composition, std::move(pieces.front()), 0);
        } else if (is_exact && is_whole && sending.state() == Sending::State::replicating) {
            replica.log.seal();
            put_difference(composition, std::move(pieces.front()), replica.log.end());
        } else if (is_exact) {
            return begin(composition, sending, {TransferKind::difference, std::move(pieces)});
        } else {
            return begin(composition, sending,
                         {TransferKind::bucket_difference, std::move(pieces),
                          Strategy::sketch(replica.state, request_->sketch->kind())});
        }
        return false;
    }
    static void put_difference(Composition<L, PeerId, Policy>& composition, L&& delta,
                               Sequence last) {
        Changes<L>& changes = composition.message.changes.emplace();
        changes.delta = std::move(delta);
        changes.last = last;
        changes.kind = TransferKind::difference;
    }
    bool begin(Composition<L, PeerId, Policy>& composition, Sending& sending,
               Transfer<L, Policy> transfer) {
        const Sequence first = composition.replica.log.reserve(transfer.positions());
        sending.become_transferring(std::move(transfer), first, composition.now);
        return true;
    }
    /// Can the answer be made piece by piece? Such an answer needs no announcement.
    bool can_be_lazy(const L& state) const {
        return Transfer<L, Policy>::is_lazy && request_->digest && !request_->sketch &&
               Strategy::is_large(state);
    }
};

}  // namespace crdt::replication
