// SPDX-License-Identifier: MIT
//! Outgoing: a message and its receiver.
#pragma once

#include <crdt/replication/message.hpp>

namespace crdt::replication {

/// A message to one member.
template <class L, class PeerId>
struct Outgoing {
    /// The receiver.
    PeerId to;
    /// The message.
    Message<L> message;
};

}  // namespace crdt::replication
