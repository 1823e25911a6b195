// SPDX-License-Identifier: MIT
//! Gossip: the replication of the counters.
#pragma once

#include <cstdint>
#include <functional>

#include <crdt/nats/connection.hpp>
#include <crdt/nats/gossip.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/message.hpp>

#include "counters.hpp"

namespace counterd {

using Gossip = crdt::nats::Gossip<Counters>;
/// Changes the counters and returns the delta.
using Mutator = std::function<Counters(Counters&)>;

}  // namespace counterd

// These members are compiled only once: those that send in gossip.cpp, those that join changes in
// changes.cpp.
namespace crdt::nats {

extern template Gossip<counterd::Counters>::Gossip(Connection&, Mailbox&, Address,
                                                   const GossipOptions&, Connection::Log, Accept);
extern template void Gossip<counterd::Counters>::tick();
extern template void Gossip<counterd::Counters>::leave();
extern template void Gossip<counterd::Counters>::expedite();
extern template void Gossip<counterd::Counters>::pass_on_relays();
extern template void Gossip<counterd::Counters>::request_acks();
extern template replication::Time Gossip<counterd::Counters>::next_deadline() const;
extern template void Gossip<counterd::Counters>::on_peer_message(const NatsMessage&);
extern template void Gossip<counterd::Counters>::resume(std::uint64_t, counterd::Counters);
extern template counterd::Counters Gossip<counterd::Counters>::update(const counterd::Mutator&);

}  // namespace crdt::nats
