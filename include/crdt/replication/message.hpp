// SPDX-License-Identifier: MIT
//! Message: the messages between replicas.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/sketch.hpp>

namespace crdt::replication {

/// Identifies one run of a replica. A run ends when the replica loses its log, for example because
/// its process ends. An epoch is any number except 0 that no earlier run of the replica has used.
/// Epoch is a type of its own, so that it cannot be mistaken for a generation, a sequence or an
/// incarnation.
enum class Epoch : std::uint64_t {};
/// The epoch of a replica from which nothing was received yet.
inline constexpr Epoch unknown_epoch{};

/// Identifies the sequence of prunings that led to a state. The upper half of a generation is the
/// number of the prunings; see prunings() in pruning_history.hpp. Only states of the same
/// generation are joined.
using Generation = std::uint64_t;

/// A position in the log of changes of one epoch of a replica. The first change has position 1.
using Sequence = std::uint64_t;

/// Positions in the logs of several epochs.
using LogPositions = std::map<Epoch, Sequence>;

/// The kind of transfer to which the changes in a message belong.
enum class TransferKind : std::uint8_t {
    none,              ///< no transfer: the changes are from the sender's log
    difference,        ///< everything of the sender that the receiver's digest lacks
    full_state,        ///< the sender's state
    bucket_difference  ///< all ranges of the sender in buckets where two sketches differ
};

/// Changes that the sender has joined into one delta. The receiver joins the delta to its state.
/// The changes come from the sender's log, from the positions [first, last), or they are a piece of
/// a transfer. A transfer brings the receiver up to date.
template <class L>
struct Changes {
    /// The joined changes.
    L delta;
    /// The position of the first change, or 0 in the first piece of a transfer. The receiver needs
    /// no earlier changes for such a piece.
    Sequence first = 0;
    /// The position after the last change, which the receiver acknowledges. It is 0 if there is no
    /// position to acknowledge, because the sender and the receiver are not neighbours.
    Sequence last = 0;
    /// The kind of the transfer to which the changes belong.
    TransferKind kind = TransferKind::none;
    /// True if more messages follow: further pieces of the transfer, or further changes of the log
    /// that did not fit. Each message is sent when the message before is acknowledged.
    bool more_pieces = false;
    /// The sender's sketch, in the first piece of a bucket difference.
    std::optional<Sketch> sketch = {};

    /// Is this the first piece of a transfer?
    bool is_opening() const { return first == 0; }
    /// Is there a position to acknowledge?
    bool has_position() const { return last != 0; }
    /// Returns true iff the receiver answers the last piece with everything that the sender lacks.
    /// The pieces of such a transfer contain more than the receiver lacks. So the receiver can
    /// determine what the sender has.
    bool requests_answer() const {
        return kind == TransferKind::full_state || kind == TransferKind::bucket_difference;
    }
    /// Could a correct replica have sent these changes?
    bool is_well_formed() const {
        return first <= last && (kind != TransferKind::none || !is_opening()) &&
               sketch.has_value() == (kind == TransferKind::bucket_difference && is_opening());
    }

    /// Whether both are equal.
    friend bool operator==(const Changes&, const Changes&) = default;
};

/// A hash of the digest of a state and a hash of the state itself, under one key. Two states with
/// equal digests are normally equal. If two replicas have written under one id, their digests can
/// be equal while their states differ. Then only the hashes of the states differ.
struct Fingerprint {
    /// The key of both hashes.
    std::uint64_t key = 0;
    /// The hash of the digest.
    std::uint64_t digest = 0;
    /// The hash of the state.
    std::uint64_t state = 0;

    /// Whether both fingerprints are equal.
    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// A message between two replicas. All fields except the epochs are optional, and they can be
/// combined. The meaning of a field does not depend on the other fields.
template <DecomposableLattice L>
struct Message {
    /// The epoch of the sender.
    Epoch from_epoch = unknown_epoch;
    /// The last epoch of the receiver that the sender has received. If the receiver is now in
    /// another epoch, it ignores `ack`. It also ignores the positions of `changes`, except in a
    /// full state or a bucket difference.
    Epoch to_epoch = unknown_epoch;
    /// Acknowledges that the sender has processed all changes before this position in the
    /// receiver's log.
    std::optional<Sequence> ack;
    /// Changes that the receiver joins.
    std::optional<Changes<L>> changes;
    /// Requests everything in the receiver's state that a state with this digest lacks.
    std::optional<DigestOf<L>> digest;
    /// Requests the receiver's digest.
    bool requests_digest = false;
    /// Requests all ranges of the receiver's state in the buckets in which the sketch of that state
    /// differs from this sketch.
    std::optional<Sketch> sketch;
    /// Invites the receiver to request what it lacks. The sender has a large state, and sends no
    /// request itself for now. If the receiver has sent a request lately, it need not send another.
    bool invites_request = false;
    /// Announces that the sender prepares a large answer to the receiver's request.
    bool answer_pending = false;
    /// The generation of the sender's state; see pruning.hpp.
    Generation generation = 0;
    /// Hashes of the sender's state. They are sent after the sender has received everything that it
    /// lacked.
    std::optional<Fingerprint> fingerprint;
    /// Positions in logs of the sender's other neighbours. The sender has all changes before these
    /// positions, so the receiver need not pass these changes on to the sender.
    LogPositions followed = {};

    /// Does the message contain anything that is worth a message of its own? Epochs, a generation
    /// and positions in the logs of others are not worth a message.
    bool has_content() const {
        return ack || changes || digest || requests_digest || sketch || invites_request ||
               answer_pending || fingerprint;
    }

    /// Whether both messages are equal.
    friend bool operator==(const Message&, const Message&) = default;
};

}  // namespace crdt::replication
