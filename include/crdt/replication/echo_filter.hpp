// SPDX-License-Identifier: MIT
//! EchoFilter: what a peer has sent and need not be sent back.
#pragma once

#include <utility>

#include <crdt/lattice/concepts.hpp>

namespace crdt::replication {

/// The join of what a peer has sent since it was last sent all pending deltas. If such a change
/// also reaches this replica from another peer, the change is pending for this peer. But this peer
/// has it already, so the filter removes it.
template <DecomposableLattice L, class Policy>
class EchoFilter {
    L received_ = {};

  public:
    /// The changes that the peer has sent since the last clear().
    const L& received() const { return received_; }
    /// The peer has sent `delta`.
    void add([[maybe_unused]] const L& delta) {
        if constexpr (Policy::avoids_echo) received_.merge(delta);
    }
    /// Nothing is pending for the peer any more.
    void clear() { received_ = L{}; }
    /// Removes from `delta` what the peer has sent, unless that makes it larger. It can become
    /// larger because a removal from the middle of a range leaves two ranges.
    void remove_received(L& delta) const {
        if (received_.is_bottom()) return;
        L rest = difference(delta, digest(received_));
        if (Policy::cost(rest) <= Policy::cost(delta)) delta = std::move(rest);
    }
};

}  // namespace crdt::replication
