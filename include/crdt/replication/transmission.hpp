// SPDX-License-Identifier: MIT
//! Transmission: the data of the sending end of a link while it sends.
#pragma once

#include <crdt/replication/echo_filter.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/time.hpp>
#include <crdt/replication/transfer.hpp>

namespace crdt::replication {

/// The data of SendProgress in the states transferring and replicating. Only SendProgress writes
/// it.
template <class L, class Policy>
struct Transmission {
    /// The value of `pause` if no pause is set.
    static constexpr Duration no_pause = (Duration::max)();

    /// The pieces that are still to be sent; none in the state replicating.
    Transfer<L, Policy> transfer;
    /// Has the peer acknowledged the first piece?
    bool is_confirmed = false;
    /// The peer lacks nothing before this position.
    Sequence position = 0;
    /// All changes before this position were sent. The peer lacks only those of them that were
    /// lost.
    Sequence fresh_from = 0;
    /// True if the last message had no room for all pending changes. The remaining changes are sent
    /// after the ack of this message.
    bool is_cut = false;
    /// The changes that the peer has sent, which need not be sent back.
    EchoFilter<L, Policy> echo = {};
    /// The time at which changes were last sent.
    Time sent_at{};
    /// An ack is expected within this time after `sent_at`.
    Duration timeout{};
    /// The time at which an ack is overdue.
    Time retry_at{};
    /// The pause after the last message, if it is shorter than the interval.
    Duration pause = no_pause;
    /// The number of timeouts in a row.
    unsigned timeouts = 0;
};

}  // namespace crdt::replication
