// SPDX-License-Identifier: MIT
//! Options: intervals and limits of a replicator.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <crdt/replication/message.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// Intervals and limits of a Replicator. The defaults suit a small cluster. The limits are in the
/// unit in which the Policy measures cost: Policy counts ranges (see range_count), and SizeInBytes
/// counts bytes.
struct Options {
    /// The seed of all random choices, such as the jitter of retries and the members that are
    /// chosen for repair. The choices also depend on the epoch.
    std::uint64_t seed = 1;
    /// The shortest time between two messages with changes to one peer, unless the changes cost
    /// more than `eager_cost`. At least 1 ms.
    Duration interval = std::chrono::milliseconds{800};
    /// The longest time that an ack waits for another message that can carry it. If this delay
    /// equals `interval`, most acks travel in messages with changes. A peer that receives no ack in
    /// time sends its changes again; see `retry_limit`.
    Duration ack_delay = std::chrono::milliseconds{800};
    /// The longest time between two attempts to reach a peer that does not answer.
    Duration retry_limit = std::chrono::milliseconds{1500};
    /// The maximal cost of the changes that are kept for peers that lag behind. Changes that were
    /// not sent to any peer yet do not count. Above the limit, the oldest changes are dropped, and
    /// peers that lack them are resynchronised.
    std::size_t log_limit = std::size_t{1} << 16U;
    /// The maximal cost of the changes in one message. If more changes are due, they are sent in
    /// several messages. A range is never divided between messages. A join of two changes can have
    /// more ranges than the two changes together, so a message may cost up to twice the limit.
    std::size_t message_limit = std::size_t{1} << 16U;
    /// Changes that were not sent yet wait for the interval only until they cost more than this.
    /// Then they are sent by the next on_tick(). So under load, a receiver gets many small batches.
    /// A few large batches would delay the other work of the receiver.
    std::size_t eager_cost = std::size_t{1} << 16U;
    /// The maximal cost of the digest in one message, if the Policy has a digest_cost. A replica
    /// with a larger digest sends a sketch instead. The default is 512 KiB in the binary form,
    /// which is at most 13 MiB in JSON.
    std::size_t digest_limit = std::size_t{1} << 19U;
};

}  // namespace crdt::replication
