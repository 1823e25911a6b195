// SPDX-License-Identifier: MIT
//! SendState: the states of the sending end of a link.
#pragma once

#include <crdt/detail/cpp20.hpp>

namespace crdt::replication {

/// The states of the sending end of a link.
enum class SendState {
    probing,       ///< it is not known what the peer has
    transferring,  ///< the pieces of a transfer are sent, each when the one before was acknowledged
    replicating    ///< the changes of the log are sent
};

}  // namespace crdt::replication
