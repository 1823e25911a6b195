// SPDX-License-Identifier: MIT
//! LinkStatus: the state of the link to one peer, for an operator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <crdt/replication/receive_progress.hpp>
#include <crdt/replication/send_state.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// Counts of the messages that were exchanged with one peer since the peer became a member. The
/// costs are those of the changes in the messages, in the unit of the Policy.
struct LinkTraffic {
    std::uint64_t messages_sent = 0;      ///< messages to the peer
    std::uint64_t messages_received = 0;  ///< well-formed messages from the peer
    std::uint64_t cost_sent = 0;          ///< cost of the changes sent to the peer
    std::uint64_t cost_received = 0;      ///< cost of the changes received from the peer
    /// The time at which the last message of the peer arrived, or nothing if no message has
    /// arrived.
    std::optional<Time> last_received = {};

    /// Whether both are equal.
    friend bool operator==(const LinkTraffic&, const LinkTraffic&) = default;
};

/// The state of the link to one peer.
template <class PeerId>
struct LinkStatus {
    /// The peer.
    PeerId peer;
    /// Is the peer a neighbour? A replica sends its changes to its neighbours. It uses the other
    /// members only for repair.
    bool is_neighbour = false;
    /// Is the connection open, as far as disconnected() and connected() have reported?
    bool is_connected = true;
    /// Has the peer left several messages in a row unanswered, or is the connection closed?
    bool is_silent = false;
    /// The state of the sending end.
    SendState sending = SendState::probing;
    /// The state of the receiving end.
    ReceiveState receiving = ReceiveState::unknown;
    /// The number of positions in the log that were sent and are not acknowledged.
    std::uint64_t in_flight = 0;
    /// The cost of the changes that are kept for the peer, in the unit of the Policy.
    std::size_t cost_held = 0;
    /// The time at which the oldest unacknowledged changes were sent, or nothing if the peer has
    /// acknowledged everything that was sent to it. The time does not change while the peer does
    /// not answer. If nothing was sent because the connection is closed, this is the time of the
    /// first tick at which changes waited.
    std::optional<Time> unacknowledged_since = {};
    /// The counts of messages.
    LinkTraffic traffic = {};
};

}  // namespace crdt::replication
