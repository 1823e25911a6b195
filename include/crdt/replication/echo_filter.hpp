// SPDX-License-Identifier: MIT
//! EchoFilter: the changes that a peer has sent, which need not be sent back.
#pragma once

#include <utility>

#include <crdt/lattice/concepts.hpp>

namespace crdt::replication {

/// The join of the changes that a peer has sent since this replica last sent all pending deltas to
/// the peer. If another peer has sent the same change first, the change is pending for this peer.
/// But this peer already has the change, so the filter removes it.
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
    /// No delta waits to be sent to the peer any more.
    void clear() { received_ = L{}; }
    /// Removes from `delta` the changes that the peer has sent. If this would make `delta` cost
    /// more, leaves it unchanged. The cost can grow because removing the middle of a range leaves
    /// two ranges.
    void remove_received(L& delta) const {
        if (received_.is_bottom()) return;
        L rest = difference(delta, digest(received_));
        if (Policy::cost(rest) <= Policy::cost(delta)) delta = std::move(rest);
    }
};

}  // namespace crdt::replication
