// SPDX-License-Identifier: MIT
//! Gossip: the replication of the counters. gossip.cpp compiles it once for all files.
#pragma once

#include <crdt/nats/gossip.hpp>

#include "counters.hpp"

extern template class crdt::nats::Gossip<counterd::Counters>;

namespace counterd {

using Gossip = crdt::nats::Gossip<Counters>;

}  // namespace counterd
