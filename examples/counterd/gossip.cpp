// SPDX-License-Identifier: MIT
#include "gossip.hpp"

template class crdt::nats::Gossip<counterd::Counters>;
