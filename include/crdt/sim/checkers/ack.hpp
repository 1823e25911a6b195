// SPDX-License-Identifier: MIT
//! AckChecker: checks that acks and positions are true, and that they count for one epoch.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/sim/packet_codec.hpp>

namespace crdt::sim {

/// Checks what replicas assume about one another. `Replicator` is the engine of the replicas.
/// Replicas are numbered from 0.
///
///     an ack          the sender of the ack has everything that was sent to it before the position
///     a position      the receiver has everything that the sender had when the sender's log ended
///                     at this position, except what the sender held back. The positions at
///                     both ends of a link are checked
///     an announced    position in the log of a third replica is one that the sender has reached
///     a message       for another epoch changes no position, unless it contains a full state
///     a piece         of a full state is not a request before the last piece has arrived
///
/// Call each member function when the event in its comment happens. A check returns a text about
/// the error, or null. It examines only what was added since the last check.
template <DecomposableLattice L, class Replicator>
class AckChecker {
    using Message = replication::Message<L>;
    using Sequence = replication::Sequence;
    using Epoch = replication::Epoch;

    /// The changes that a replica had gained when its log ended at `end`, without those of earlier
    /// records.
    struct Record {
        Sequence end;
        L delta;
    };
    /// A piece of a transfer that was sent and is not acknowledged.
    struct Sent {
        Epoch from_epoch, to_epoch;
        Sequence last;
        L delta;
    };
    /// The data of messages from one replica to another.
    struct Link {
        /// The positions belong to this epoch of the other replica.
        Epoch epoch = replication::unknown_epoch;
        /// The positions before which the acknowledged changes and the received changes were
        /// checked.
        Sequence acknowledged = 0, received = 0;
        std::vector<Sent> sent = {};
        /// The end positions of messages after which more pieces follow, in order.
        std::vector<Sequence> pieces = {};
    };
    /// The data of one replica since its start.
    struct History {
        std::vector<Record> records = {};
        /// The end of the log at the last change.
        Sequence end = 0;
        /// The changes that the state gained while no log was kept, or that are held back.
        L unlogged = {};
        std::vector<Link> links = {};
    };
    /// The positions of a link before a message is received.
    struct Before {
        std::optional<Sequence> received;
        bool is_confirmed = false, has_request = false;
    };

    std::vector<History> histories_ = {};
    Before before_ = {};

    History& history(std::size_t replica) {
        if (histories_.size() <= replica) histories_.resize(replica + 1);
        return histories_[replica];
    }
    Link& link(std::size_t replica, std::size_t peer) {
        std::vector<Link>& links = history(replica).links;
        if (links.size() <= peer) links.resize(peer + 1);
        return links[peer];
    }
    bool is_piece(std::size_t from, std::size_t to, Sequence last) {
        const auto& pieces = link(from, to).pieces;
        return std::binary_search(pieces.begin(), pieces.end(), last);
    }
    /// Does `state` contain everything that `owner` had when its log ended at `position`? Skips the
    /// changes up to `checked`, which were checked before, and raises `checked` to `position`.
    bool has(const L& state, std::size_t owner, std::size_t holder, Sequence position,
             Sequence& checked) {
        if (position <= checked || is_piece(owner, holder, position)) return true;
        const auto& records = history(owner).records;
        auto record = std::upper_bound(records.begin(), records.end(), checked,
                                       [](Sequence at, const Record& r) { return at < r.end; });
        checked = position;
        for (; record != records.end() && record->end <= position; ++record) {
            if (!record->delta.leq(state)) return false;
        }
        return true;
    }

    /// Returns true iff `engine` has reached `position` in the log of `epoch`. check_positions()
    /// checks that `engine` has the changes before this position.
    bool has_reached(const Replicator& engine, Epoch epoch, Sequence position) const {
        for (std::size_t other = 0; other < histories_.size(); ++other) {
            const auto* peer = engine.link(other);
            if (peer != nullptr && peer->epoch() == epoch)
                return peer->receiving().position() >= position;
        }
        return false;
    }
    /// Adds a piece of a transfer to `to`, without the changes `held` that the sender holds back.
    /// An ack does not count for held changes. Changes that are not added are already in the
    /// records of their sender.
    static void note_sent(Link& to, const Message& message, const L& held) {
        const auto& changes = *message.changes;
        const bool has_more = PacketCodec<L>::has_more(message);
        // After the first piece of a transfer, the sender counts from the end of that piece.
        if (changes.first == 0) to.sent.clear();
        if (changes.first == 0 || has_more)
            to.sent.push_back({message.from_epoch, message.to_epoch, changes.last,
                               difference(changes.delta, digest(held))});
        const auto place = std::lower_bound(to.pieces.begin(), to.pieces.end(), changes.last);
        if (has_more && (place == to.pieces.end() || *place != changes.last))
            to.pieces.insert(place, changes.last);
    }

  public:
    /// The replica has crashed or left.
    void clear(std::size_t replica) {
        history(replica) = {};
        for (History& other : histories_) {
            if (replica >= other.links.size()) continue;
            Link& to = other.links[replica];
            to.acknowledged = to.received = 0;
            to.sent.clear();
        }
    }
    /// The replica has dropped the member `peer` from its view, so it keeps nothing for this
    /// member.
    void clear_link(std::size_t replica, std::size_t peer) {
        link(replica, peer).acknowledged = link(replica, peer).received = 0;
    }

    /// The engine of the replica has changed. Its state has grown by `gained`.
    void on_changed(std::size_t replica, const Replicator& engine, const L& gained) {
        History& own = history(replica);
        const bool has_moved = own.end != engine.log().end();
        own.end = engine.log().end();
        own.unlogged.merge(gained);
        // Changes that are gained after the end of the log was announced belong to a later
        // position.
        if (own.unlogged.is_bottom() || (!has_moved && engine.log().is_sealed())) return;
        if (own.records.empty() || own.records.back().end != own.end)
            own.records.push_back({own.end, {}});
        L held = engine.relays().join();
        own.records.back().delta.merge(difference(own.unlogged, digest(held)));
        own.unlogged = std::move(held);
    }

    /// The replica has sent a message.
    const char* check_sent(std::size_t replica, const Replicator& engine, std::size_t to,
                           const Message& message) {
        if (message.changes && message.changes->last != 0)
            note_sent(link(replica, to), message, engine.relays().join());
        for (const auto& [epoch, position] : message.followed) {
            if (!has_reached(engine, epoch, position)) return "announces more than it has received";
        }
        if (!message.ack) return nullptr;
        if (const auto* peer = engine.link(to); !peer || peer->receiving().position() < message.ack)
            return "acknowledges more than it has received";
        bool possessed = true;
        std::erase_if(link(to, replica).sent, [&](const Sent& sent) {
            const bool is_for_sender =
                sent.to_epoch == message.from_epoch || sent.to_epoch == replication::unknown_epoch;
            if (sent.from_epoch != message.to_epoch || !is_for_sender || sent.last > *message.ack)
                return false;
            possessed = possessed && sent.delta.leq(engine.state());
            return true;
        });
        return possessed ? nullptr : "acknowledges what it does not have";
    }

    /// The replica is about to receive a message. Call check_received() afterwards.
    void before_receive(const Replicator& engine, std::size_t from) {
        const auto* link = engine.link(from);
        before_ = {};
        if (link != nullptr)
            before_ = {link->receiving().position(), link->sending().is_confirmed(),
                       link->has_request()};
    }
    /// The replica has received a message, after before_receive().
    const char* check_received(const Replicator& engine, std::size_t from, const Message& message) {
        const auto* peer = engine.link(from);
        if (peer == nullptr) return nullptr;
        const auto& position = peer->receiving().position();
        if (message.to_epoch != engine.epoch() && !PacketCodec<L>::is_full_state(message) &&
            ((position && position != before_.received) ||
             (peer->sending().is_confirmed() && !before_.is_confirmed)))
            return "a message for another epoch changes a position";
        if (PacketCodec<L>::is_full_state(message) && PacketCodec<L>::has_more(message) &&
            !message.digest && !before_.has_request && peer->has_request())
            return "a piece of a state is treated as all of it";
        return nullptr;
    }

    /// Checks the positions that the replica assumes for `other`. `other_engine` is null if `other`
    /// does not run.
    const char* check_positions(std::size_t replica, const Replicator& engine, std::size_t other,
                                const Replicator* other_engine) {
        const auto* peer = engine.link(other);
        if (peer == nullptr || other_engine == nullptr || other_engine->epoch() != peer->epoch())
            return nullptr;
        Link& own = link(replica, other);
        if (own.epoch != peer->epoch()) own.acknowledged = own.received = 0;
        own.epoch = peer->epoch();
        if (const auto& received = peer->receiving().position()) {
            if (*received > other_engine->log().end() ||
                !has(engine.state(), other, replica, *received, own.received))
                return "assumes to have what it does not have";
        }
        if (!peer->sending().is_confirmed() || peer->sending().is_transferring()) return nullptr;
        const Sequence acknowledged = peer->sending().position();
        if (acknowledged > engine.log().end() ||
            !has(other_engine->state(), replica, other, acknowledged, own.acknowledged))
            return "assumes that a peer has what it does not have";
        return nullptr;
    }
};

}  // namespace crdt::sim
