// SPDX-License-Identifier: MIT
//! Peer: what a replica knows of one of the others.
#pragma once

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/replication/outbound.hpp>
#include <crdt/replication/question.hpp>

namespace crdt::replication {

/// Where neighbours miss `outbound`, its confirmation, or `received`, they introduce themselves,
/// again and again, until they do not.
template <DecomposableLattice L, class PeerId, class Policy>
struct Peer {
    /// A neighbour that left this many tries in a row unanswered is silent.
    static constexpr unsigned silent_after = 3;

    /// A neighbour; with other members digests and answers are exchanged, and that is all.
    bool linked = false;
    Epoch epoch = unknown_epoch;
    /// How far it has come in this replica's log; none: not known what it has.
    std::optional<Outbound<L, PeerId, Policy>> outbound = {};
    /// This replica lacks nothing of its log before this; none: it is asked by digest.
    std::optional<Sequence> received = {};
    /// It is in the middle of bringing this replica up ...
    bool sends_pieces = false;
    /// ... and takes long for it.
    bool is_slow = false;
    /// It wants to be asked by digest.
    bool wants_digest = false;
    /// In a row, changes that did not follow on what was received.
    unsigned gaps = 0;
    std::optional<Offer<L>> offer = {};
    /// That it asked by last.
    SketchKind sketch_kind = {};
    /// Not answered yet.
    std::optional<Question<L>> question = {};
    Time answer_at{};
    /// It was told that the answer takes a while.
    bool is_told_to_wait = false;
    std::optional<Time> ack_at = {};
    /// The next ack says that this replica has been brought up: a fingerprint goes with it.
    bool fingerprint_due = false;
    /// When it is asked; none: not to be asked, or not scheduled.
    std::optional<Time> ask_at = {};
    unsigned asked = 0;
    /// When refused changes are requested again, and how often in a row they were refused.
    std::optional<Time> resync_at = {};
    unsigned refusals = 0;
    /// When `outbound` was made, and how many before it were dropped without an ack.
    Time brought_up_at{};
    unsigned dropped = 0;

    /// Forgets all that was known. In place, as g++ 12 takes an assignment for the use of something
    /// uninitialised.
    void renew(bool is_linked, Epoch of) {
        this->~Peer();
        ::new (this) Peer{is_linked, of};
    }

    /// Does it have, as far as it said, all that it was brought up with?
    bool is_up() const { return outbound && outbound->confirmed(); }
    /// Is there anything that the neighbour must be asked for?
    bool needs_introduction() const { return linked && !(received && is_up()); }
    /// Is it asked these days for what this replica lacks?
    bool is_being_asked() const { return linked && !received && ask_at && asked < silent_after; }
    bool is_silent() const {
        return (needs_introduction() && asked >= silent_after) ||
               (outbound && outbound->overdue() >= silent_after);
    }
    /// What it is being brought up with.
    Scope scope() const { return outbound ? outbound->scope() : Scope::lacking; }

    /// When it is asked: a neighbour as long as there is need, others once.
    std::optional<Time> question_deadline(Time hold_until) const {
        if (!ask_at || (linked && !needs_introduction())) return std::nullopt;
        return received ? *ask_at : (std::max)(*ask_at, hold_until);
    }

    /// It wants to know what `lacks` lacks.
    void take_question(Question<L> lacks, Time now) {
        question = std::move(lacks);
        if (question->sketch) sketch_kind = question->sketch->kind();
        answer_at = now;
    }
    /// All that it has is a question, once it is said in full.
    void hear_whole(const Message<L>& message, Time now) {
        if (message.changes->first == 0) offer = Offer<L>{{}, message.sketch};
        if (!offer) return;
        offer->state.merge(message.changes->delta);
        if (message.more) return;
        take_question({digest(offer->state), offer->sketch}, now);
        offer.reset();
    }

    /// From now on, it is asked for what this replica lacks.
    void lose_track(Time now) {
        received.reset();
        ask_at = now;
        asked = 0;
        gaps = 0;
    }

    /// What a silent one was to be brought up with grows old: it will be answered anew. An ack that
    /// was on its way then counts for nothing, so the next one is waited for twice as long.
    void drop_if_stale(Duration patience, Time now) {
        if (!outbound || now - brought_up_at < patience * (1U << (std::min)(dropped, 16U))) return;
        outbound.reset();
        ++dropped;
    }
};

}  // namespace crdt::replication
