// SPDX-License-Identifier: MIT
//! Options: what a replicator may be told, and the units of time it is told in.
#pragma once

#include <cstddef>
#include <cstdint>

#include <crdt/replication/message.hpp>

namespace crdt::replication {

/// A point in time or a span of it: microseconds, of any clock that does not go back.
using Time = std::uint64_t;
/// One of them, in the unit of Time.
inline constexpr Time milliseconds = 1000;

/// What a replicator is told when it begins.
struct Options {
    /// This life of the replica; never used before by a replica of this name, and not 0.
    Epoch epoch = 1;
    /// For jitter, and the choice of whom to turn to.
    std::uint64_t seed = 1;
    /// The least time between two messages with news to the same peer.
    Time interval = 800 * milliseconds;
    /// How long an ack waits for something to ride on. As long as the interval, and acks ride on
    /// the news the other way; but a peer that gets no ack in time sends again (retry_limit).
    Time ack_delay = 800 * milliseconds;
    /// The longest time between two tries at a peer that does not answer.
    Time retry_limit = 1500 * milliseconds;
    /// The weight kept for peers that lag; beyond, they catch up by digest. Weights are what the
    /// Policy says: join-irreducible parts, or bytes.
    std::size_t log_limit = std::size_t{1} << 16U;
    /// The weight of the changes in one message; more goes in several. Twice as much, at most,
    /// where changes that are sent together cut each other's ranges in two.
    std::size_t message_limit = std::size_t{1} << 16U;
    /// The weight of the digest in one message, where the Policy weighs digests; a replica with a
    /// larger one asks by sketch. As many bytes are at most 13 MiB in JSON.
    std::size_t digest_limit = std::size_t{1} << 19U;
};

}  // namespace crdt::replication
