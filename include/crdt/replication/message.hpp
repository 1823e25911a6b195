// SPDX-License-Identifier: MIT
//! Message: what replicas send to each other.
#pragma once

#include <cstdint>
#include <optional>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/sketch.hpp>

namespace crdt::replication {

/// Identifies one run of a replica, between two losses of its log: any number but 0 that no earlier
/// run used. A type of its own: it is not mixed up with a generation, a sequence or an incarnation.
enum class Epoch : std::uint64_t {};
/// The epoch of a replica that nothing was received from yet.
inline constexpr Epoch unknown_epoch{};

/// Counts prunings. Only states of the same generation are joined.
using Generation = std::uint64_t;

/// A position in the log of changes that a replica keeps in one epoch; the first change is 1.
using Sequence = std::uint64_t;

/// The joined changes of a log from `first` up to, but without, `last`. `first` is 0 in the answer
/// to a digest: together with the changes that follow it holds everything that the digest lacked.
/// If `last` is 0, too, no changes follow and the interval has no position in the log.
template <class L>
struct Interval {
    /// The changes, joined.
    L delta;
    /// Where they begin.
    Sequence first = 0;
    /// Where the next ones begin.
    Sequence last = 0;

    /// Are both intervals equal?
    friend bool operator==(const Interval&, const Interval&) = default;
};

/// Hashes, under one key, of a state's digest and of the state. Two states with equal digests are
/// equal unless two replicas wrote under one id: then only the second hash differs.
struct Fingerprint {
    /// Of both hashes.
    std::uint64_t key = 0;
    /// Of the digest.
    std::uint64_t digest = 0;
    /// Of the state.
    std::uint64_t state = 0;

    /// Are both fingerprints equal?
    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// A message between two replicas. All parts but the epochs are optional and travel together.
template <DecomposableLattice L>
struct Message {
    /// The epoch of the sender.
    Epoch from_epoch = unknown_epoch;
    /// The receiver's epoch, as last received by the sender. If the receiver is in another epoch,
    /// it ignores `ack` and the position of `changes`.
    Epoch to_epoch = unknown_epoch;
    /// The sender has examined everything in the receiver's log before this position.
    std::optional<Sequence> ack;
    /// Changes for the receiver to join.
    std::optional<Interval<L>> changes;
    /// Requests everything that a state with this digest lacks.
    std::optional<DigestOf<L>> digest;
    /// Requests the receiver's digest.
    bool wants_digest = false;
    /// More changes follow once these are acknowledged. Without changes: a large answer is being
    /// prepared. With `wants_digest`: the sender's state is large, so the receiver should request.
    bool more = false;
    /// The changes, together with the pieces that follow, are the sender's full state: the receiver
    /// answers with what that lacks.
    bool whole = false;
    /// Requests all ranges of the receiver in buckets where its sketch differs. With `whole`: the
    /// changes are all ranges of the sender in such buckets, and this is the sender's sketch.
    std::optional<Sketch> sketch;
    /// How many prunings the sender's state has been through; see pruning.hpp.
    Generation generation = 0;
    /// Hashes of the sender's state, sent when it has received what it lacked.
    std::optional<Fingerprint> fingerprint;

    /// Are both messages equal?
    friend bool operator==(const Message&, const Message&) = default;
};

}  // namespace crdt::replication
