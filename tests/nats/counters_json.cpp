// SPDX-License-Identifier: MIT
//! Compiles the JSON form of the service's state, which only the tests of its laws use.
#include <crdt/codec/json.hpp>

#include "counterd/counters_lattice.cpp"  // where the members of its Serializer are defined

template void crdt::Serializer<counterd::Counters>::write(crdt::json::Writer&,
                                                          const counterd::Counters&);
template counterd::Counters crdt::Serializer<counterd::Counters>::read(crdt::json::Reader&);
