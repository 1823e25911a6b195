// SPDX-License-Identifier: MIT
//! Message: the messages between replicas.
#pragma once

#include <cstdint>
#include <optional>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/sketch.hpp>

namespace crdt::replication {

/// Identifies one run of a replica, which ends when its log is lost. It is any number but 0 that no
/// earlier run has used. It has its own type, so that it cannot be mistaken for a generation, a
/// sequence or an incarnation.
enum class Epoch : std::uint64_t {};
/// The epoch of a replica from which nothing was received yet.
inline constexpr Epoch unknown_epoch{};

/// Counts prunings. Only states of the same generation are joined.
using Generation = std::uint64_t;

/// A position in the log of changes of one epoch of a replica. The first change has position 1.
using Sequence = std::uint64_t;

/// The joined changes of a log at the positions [first, last). In the answer to a digest, `first`
/// is 0: with the changes that follow, the answer contains everything that the digest lacks. If
/// `last` is also 0, no changes follow and the interval has no position in the log.
template <class L>
struct Interval {
    /// The joined changes.
    L delta;
    /// The position of the first change.
    Sequence first = 0;
    /// The position after the last change.
    Sequence last = 0;

    /// Whether both intervals are equal.
    friend bool operator==(const Interval&, const Interval&) = default;
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
template <DecomposableLattice L>
struct Message {
    /// The epoch of the sender.
    Epoch from_epoch = unknown_epoch;
    /// The epoch of the receiver that the sender has received last. If the receiver is in another
    /// epoch, it ignores `ack` and the position of `changes`.
    Epoch to_epoch = unknown_epoch;
    /// The position in the receiver's log before which the sender has processed everything.
    std::optional<Sequence> ack;
    /// Changes that the receiver joins.
    std::optional<Interval<L>> changes;
    /// Requests everything that a state with this digest lacks.
    std::optional<DigestOf<L>> digest;
    /// Requests the receiver's digest.
    bool wants_digest = false;
    /// More changes follow once these are acknowledged. Without changes, it means that the sender
    /// prepares a large answer. With `wants_digest`, it means that the sender's state is large, so
    /// the receiver should request.
    bool more = false;
    /// The changes and the pieces that follow are the sender's full state. The receiver answers
    /// with everything that this state lacks.
    bool whole = false;
    /// Requests all ranges of the receiver in buckets where this sketch differs from the
    /// receiver's. With `whole`, this is the sender's sketch, and the changes are all ranges of the
    /// sender in such buckets.
    std::optional<Sketch> sketch;
    /// The number of prunings of the sender's state; see pruning.hpp.
    Generation generation = 0;
    /// Hashes of the sender's state, sent after it has received everything that it lacked.
    std::optional<Fingerprint> fingerprint;

    /// Whether both messages are equal.
    friend bool operator==(const Message&, const Message&) = default;
};

}  // namespace crdt::replication
