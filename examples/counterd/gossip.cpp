// SPDX-License-Identifier: MIT
#include "gossip.hpp"

namespace crdt::nats {

template Gossip<counterd::Counters>::Gossip(Connection&, Mailbox&, Address, const GossipOptions&,
                                            Connection::Log, Accept);
template void Gossip<counterd::Counters>::tick();
template void Gossip<counterd::Counters>::leave();
template void Gossip<counterd::Counters>::expedite();
template void Gossip<counterd::Counters>::pass_on_relays();
template void Gossip<counterd::Counters>::request_acks();
template replication::Time Gossip<counterd::Counters>::next_deadline() const;

}  // namespace crdt::nats
