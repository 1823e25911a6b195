// SPDX-License-Identifier: MIT
//! Transmission: what is known of a peer to which something is sent.
#pragma once

#include <crdt/replication/echo_filter.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/time.hpp>
#include <crdt/replication/transfer.hpp>

namespace crdt::replication {

/// Everything that SendProgress knows in the states after probing. No other class writes it.
template <class L, class Policy>
struct Transmission {
    static constexpr Duration no_pause = (Duration::max)();

    Transfer<L, Policy> transfer;
    /// The first piece was acknowledged.
    bool is_confirmed = false;
    /// The peer lacks nothing before `position`, and only lost changes before `fresh_from`.
    Sequence position = 0, fresh_from = 0;
    /// The last changes were cut to fit into a message. So the rest is sent after the ack.
    bool is_cut = false;
    EchoFilter<L, Policy> echo = {};
    Time sent_at{};
    Duration timeout{};
    Time retry_at{};
    /// The pause after the last message, if it is shorter than the interval.
    Duration pause = no_pause;
    /// The number of timeouts in a row.
    unsigned timeouts = 0;
};

}  // namespace crdt::replication
