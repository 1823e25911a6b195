// SPDX-License-Identifier: MIT
//! SessionChecker: checks that session tokens describe correctly what a replica has.
#pragma once

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/session.hpp>

namespace crdt::sim {

/// A client that uses one replica after the other. It has a session token and, for comparison, the
/// join of all states that it has read or written.
template <DecomposableLattice L>
class SessionChecker {
    replication::Session<L> session_ = {};
    L known_ = {};

  public:
    /// Call this when the client has read `state` or written to it.
    void note(const L& state) {
        session_.note(state);
        known_.merge(state);
    }
    /// The client uses a replica that has `state`. If the token allows that, the client reads the
    /// state. Returns a text about the error, or null.
    const char* visit(const L& state) {
        const bool served = session_.is_served_by(state);
        if (served != known_.leq(state)) return "a session token is wrong";
        if (served) note(state);
        return nullptr;
    }
};

}  // namespace crdt::sim
