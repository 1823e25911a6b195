// SPDX-License-Identifier: MIT
//! Gossip: the replication of the counters. gossip.cpp compiles it once for all files.
#pragma once

#include <functional>

#include <crdt/nats/gossip.hpp>

#include "counters.hpp"

namespace counterd {

using Gossip = crdt::nats::Gossip<Counters>;
/// Changes the counters and returns the delta.
using Mutator = std::function<Counters(Counters&)>;

}  // namespace counterd

// Compiled once, in gossip.cpp.
extern template class crdt::nats::Gossip<counterd::Counters>;
extern template counterd::Counters counterd::Gossip::update(const counterd::Mutator&);
