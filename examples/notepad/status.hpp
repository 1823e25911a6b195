// SPDX-License-Identifier: MIT
//! status_of: the state of the connection to the peers, in words.
#pragma once

#include <algorithm>
#include <string>

#include "../udp_replica.hpp"
#include "lines.hpp"

using Replica = UdpReplica<Text>;
using Link = crdt::replication::LinkStatus<Port>;

/// Does the peer answer? This is also true for a peer that has left, until it fails to acknowledge
/// a change.
inline bool is_connected(const Link& link) { return link.traffic.last_received && !link.is_silent; }
/// Do both ends of the link have all changes of the other end?
inline bool is_in_step(const Link& link) {
    using namespace crdt::replication;
    return link.sending == SendState::replicating && link.receiving == ReceiveState::following &&
           link.cost_held == 0;
}
/// Do all peers that answer have all changes of this replica, and does this replica have all
/// changes of these peers?
inline bool is_up_to_date(const Replica& replica) {
    const auto links = replica.endpoint().replicator().links();
    return std::all_of(links.begin(), links.end(),
                       [](const Link& link) { return link.is_silent || is_in_step(link); });
}

/// Returns a line such as "connected to 1 of 2 peers, up to date".
inline std::string status_of(const Replica& replica) {
    const auto links = replica.endpoint().replicator().links();
    const auto connected = std::count_if(links.begin(), links.end(), is_connected);
    std::string line = "connected to " + std::to_string(connected) + " of " +
                       std::to_string(links.size()) + " peers";
    if (connected > 0)
        line += !replica.endpoint().is_current() ? ", receiving the text"
                : is_up_to_date(replica)         ? ", up to date"
                                                 : ", sending changes";
    if (replica.rejected() > 0)
        line += ", rejected datagrams: " + std::to_string(replica.rejected());
    return line;
}
