// SPDX-License-Identifier: MIT
//! What replicas say to one another.
#pragma once

#include <cstdint>
#include <optional>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/sketch.hpp>

namespace crdt::replication {

/// One life of a replica: any number that no earlier life of it had, other than 0.
enum class Epoch : std::uint64_t {};
/// That of a replica of which nothing was heard yet.
inline constexpr Epoch unknown_epoch{};

/// States are comparable within a generation; the next one begins when slots are pruned.
using Generation = std::uint64_t;

/// A position in the log of changes that a replica keeps in one epoch; the first change is 1.
using Sequence = std::uint64_t;

/// The joined changes of a log from `first` up to, but without, `last`. `first` is 0 in the answer
/// to a digest: it, and what follows on it, is everything that the digest lacked. If `last` is 0
/// too, nothing follows, and nothing is said of the log.
template <class L>
struct Interval {
    /// The changes, joined.
    L delta;
    /// Where they begin.
    Sequence first = 0;
    /// Where the next ones begin.
    Sequence last = 0;

    friend bool operator==(const Interval&, const Interval&) = default;
};

/// Hashes, under one key, of a state's digest and of the state. Two states of one digest are equal,
/// unless two replicas wrote under one id: then only the second hash differs.
struct Fingerprint {
    /// Of both hashes.
    std::uint64_t key = 0;
    /// Of the digest.
    std::uint64_t digest = 0;
    /// Of the state.
    std::uint64_t state = 0;

    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// A message between two replicas. All parts but the epochs are optional and ride together.
template <DecomposableLattice L>
struct Message {
    /// The sender's life.
    Epoch from_epoch = unknown_epoch;
    /// The epoch the sender believes the receiver to be in; if it is not, neither `ack` nor
    /// `changes` can be taken to be about this life of the receiver.
    Epoch to_epoch = unknown_epoch;
    /// "I have everything of your log before this position."
    std::optional<Sequence> ack;
    /// "This is news."
    std::optional<Interval<L>> changes;
    /// "This is what I have: send what it lacks."
    std::optional<DigestOf<L>> digest;
    /// "I do not know what you have: send your digest."
    bool wants_digest = false;
    /// "There is more behind these changes, once you acknowledge them." Without changes: "what you
    /// lack is much, and on its way"; with `wants_digest`: "I have much, so ask in your turn."
    bool more = false;
    /// "These changes, with the pieces behind them, are all that I have: send what they lack."
    bool whole = false;
    /// "This is roughly what I have: send all that you have where we differ." With `whole`: "these
    /// are all that I have where we differ, and this is roughly what I have".
    std::optional<Sketch> sketch;
    /// How often the sender's slots have been pruned; see pruning.hpp.
    Generation generation = 0;
    /// Of all that the sender has, once it has what it lacked of the receiver.
    std::optional<Fingerprint> fingerprint;

    friend bool operator==(const Message&, const Message&) = default;
};

}  // namespace crdt::replication
