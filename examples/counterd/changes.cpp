// SPDX-License-Identifier: MIT
#include "gossip.hpp"

namespace crdt::nats {

template void Gossip<counterd::Counters>::on_peer_message(const NatsMessage&);
template void Gossip<counterd::Counters>::resume(std::uint64_t, counterd::Counters);
template counterd::Counters Gossip<counterd::Counters>::update(const counterd::Mutator&);

}  // namespace crdt::nats
