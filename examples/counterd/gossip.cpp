// SPDX-License-Identifier: MIT
#include "gossip.hpp"

template class crdt::nats::Gossip<counterd::Counters>;
template counterd::Counters counterd::Gossip::update(const counterd::Mutator&);
