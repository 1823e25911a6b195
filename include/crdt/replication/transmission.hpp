// SPDX-License-Identifier: MIT
//! Transmission: what is known of a peer to which something is sent.
#pragma once

#include <crdt/replication/echo_filter.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/time.hpp>
#include <crdt/replication/transfer.hpp>

namespace crdt::replication {

/// All data of SendProgress in the states after probing. No other class writes it.
template <class L, class Policy>
struct Transmission {
    /// The value of `pause` if there is none.
    static constexpr Duration no_pause = (Duration::max)();

    /// The pieces that are still to be sent; none in the state replicating.
    Transfer<L, Policy> transfer;
    /// The first piece was acknowledged.
    bool is_confirmed = false;
    /// The peer lacks nothing before this position.
    Sequence position = 0;
    /// The peer lacks only lost changes before this position.
    Sequence fresh_from = 0;
    /// The last changes were cut to fit into a message. So the rest is sent after the ack.
    bool is_cut = false;
    /// The changes that the peer has sent itself.
    EchoFilter<L, Policy> echo = {};
    /// The time at which changes were last sent.
    Time sent_at{};
    /// The time within which their ack was expected.
    Duration timeout{};
    /// The time at which an ack is overdue.
    Time retry_at{};
    /// The pause after the last message, if it is shorter than the interval.
    Duration pause = no_pause;
    /// The number of timeouts in a row.
    unsigned timeouts = 0;
};

}  // namespace crdt::replication
