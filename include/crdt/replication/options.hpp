// SPDX-License-Identifier: MIT
//! Options: intervals and limits of a replicator.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <crdt/replication/message.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// Intervals and limits of a Replicator. The defaults suit a small cluster. Limits are in the unit
/// of the Policy's cost: ranges of join-irreducible parts (Policy) or bytes (SizeInBytes).
struct Options {
    /// The seed of the jitter and of the choice of members for repair. Together with the epoch it
    /// determines all random choices.
    std::uint64_t seed = 1;
    /// The shortest time between two messages with changes to one peer. At least 1 ms.
    Duration interval = std::chrono::milliseconds{800};
    /// The longest time that an ack waits for a message to travel in. If it equals the interval,
    /// most acks travel in messages with changes. A peer that receives no ack in time sends again;
    /// see retry_limit.
    Duration ack_delay = std::chrono::milliseconds{800};
    /// The longest time between two attempts to reach a peer that does not answer.
    Duration retry_limit = std::chrono::milliseconds{1500};
    /// The maximal cost of the changes that are kept for peers that lag behind. Changes that no
    /// peer was sent yet do not count. Above the limit, the oldest changes are dropped, and peers
    /// that lack them are resynchronised.
    std::size_t log_limit = std::size_t{1} << 16U;
    /// The maximal cost of the changes in one message. More changes take several messages. A range
    /// is never divided between messages. Joining two changes can produce more ranges than the two
    /// had. So a message may cost up to twice the limit.
    std::size_t message_limit = std::size_t{1} << 16U;
    /// The maximal cost of the digest in one message, if the Policy has a digest_cost. A replica
    /// with a larger digest sends a sketch instead. The default, 512 KiB, is at most 13 MiB in
    /// JSON.
    std::size_t digest_limit = std::size_t{1} << 19U;
};

}  // namespace crdt::replication
