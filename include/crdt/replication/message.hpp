// SPDX-License-Identifier: MIT
//! Message: the messages between replicas.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/sketch.hpp>

namespace crdt::replication {

/// Identifies one run of a replica. A run ends when the log is lost. An epoch is any number but 0
/// that no earlier run has used. It has its own type, so that it cannot be mistaken for a
/// generation, a sequence or an incarnation.
enum class Epoch : std::uint64_t {};
/// The epoch of a replica from which nothing was received yet.
inline constexpr Epoch unknown_epoch{};

/// Identifies the prunings that led to a state; see prunings() in pruning_history.hpp. Only states
/// of the same generation are joined.
using Generation = std::uint64_t;

/// A position in the log of changes of one epoch of a replica. The first change has position 1.
using Sequence = std::uint64_t;

/// Positions in the logs of several epochs.
using LogPositions = std::map<Epoch, Sequence>;

/// The kinds of transfers. The changes of a message can be a piece of a transfer.
enum class TransferKind : std::uint8_t {
    none,              ///< nothing: they are changes of the sender's log
    difference,        ///< everything that the receiver's digest lacks
    full_state,        ///< the sender's state
    bucket_difference  ///< all ranges of the sender in buckets where two sketches differ
};

/// Joined changes. The receiver joins them to its state. They are changes of the sender's log at
/// the positions [first, last), or a piece of a transfer. A transfer brings the receiver up to
/// date.
template <class L>
struct Changes {
    /// The joined changes.
    L delta;
    /// The position of the first change. 0: this is the first piece of a transfer, for which the
    /// receiver needs no earlier changes.
    Sequence first = 0;
    /// The position after the last change. The receiver acknowledges it. 0: there is no position to
    /// acknowledge, because the sender and the receiver are not neighbours.
    Sequence last = 0;
    /// The kind of the transfer of which the changes are a piece.
    TransferKind kind = TransferKind::none;
    /// More pieces follow, each when the one before is acknowledged.
    bool more_pieces = false;
    /// The sender's sketch, in the first piece of a bucket difference.
    std::optional<Sketch> sketch = {};

    /// Is this the first piece of a transfer?
    bool is_opening() const { return first == 0; }
    /// Is there a position to acknowledge?
    bool has_position() const { return last != 0; }
    /// Does the receiver answer the last piece with what the sender lacks? The pieces contain more
    /// than the receiver lacks, so they show what the sender has.
    bool requests_answer() const {
        return kind == TransferKind::full_state || kind == TransferKind::bucket_difference;
    }
    /// Could a correct replica have sent this?
    bool is_well_formed() const {
        return first <= last && (kind != TransferKind::none || !is_opening()) &&
               sketch.has_value() == (kind == TransferKind::bucket_difference && is_opening());
    }

    /// Whether both are equal.
    friend bool operator==(const Changes&, const Changes&) = default;
};

/// Hashes of a state's digest and of the state, under one key. States with equal digests are equal,
/// unless two replicas have written under one id. Then only the second hash differs.
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

/// A message between two replicas. Everything but the epochs is optional and can be combined.
/// Each field has one meaning, whatever the others are.
template <DecomposableLattice L>
struct Message {
    /// The epoch of the sender.
    Epoch from_epoch = unknown_epoch;
    /// The last epoch of the receiver that the sender has received. If the receiver is in another
    /// epoch, it ignores `ack` and the positions of `changes`.
    Epoch to_epoch = unknown_epoch;
    /// The position in the receiver's log before which the sender has processed everything.
    std::optional<Sequence> ack;
    /// Changes that the receiver joins.
    std::optional<Changes<L>> changes;
    /// Requests everything that a state with this digest lacks.
    std::optional<DigestOf<L>> digest;
    /// Requests the receiver's digest.
    bool requests_digest = false;
    /// Requests all ranges of the receiver in buckets where its sketch differs from this one.
    std::optional<Sketch> sketch;
    /// The sender has a large state, and sends no request for now. So the receiver should request
    /// what it lacks, unless it has done so.
    bool invites_request = false;
    /// The sender prepares a large answer to the receiver's request.
    bool answer_pending = false;
    /// The generation of the sender's state; see pruning.hpp.
    Generation generation = 0;
    /// Hashes of the sender's state, sent after it has received everything that it lacked.
    std::optional<Fingerprint> fingerprint;
    /// The positions in the logs of other neighbours of the sender before which the sender has
    /// everything. A receiver that follows the same logs need not pass on the changes before.
    LogPositions followed = {};

    /// Does the message contain anything that is worth a message of its own? Epochs, a generation
    /// and positions in the logs of others are not.
    bool has_content() const {
        return ack || changes || digest || requests_digest || sketch || invites_request ||
               answer_pending || fingerprint;
    }

    /// Whether both messages are equal.
    friend bool operator==(const Message&, const Message&) = default;
};

}  // namespace crdt::replication
