// SPDX-License-Identifier: MIT
//! Client: somebody who goes from replica to replica with a session token.
#pragma once

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/session.hpp>

namespace crdt::sim {

template <DecomposableLattice L>
class Client {
    replication::Session<L> session_;
    /// What the session is about, in full.
    L known_;

  public:
    void note(const L& state) {
        session_.note(state);
        known_.merge(state);
    }

    /// Turns to a replica: does the token tell rightly whether that has all that the client knows?
    /// If it has, the client is shown it.
    bool visit(const L& state) {
        const bool served = session_.is_served_by(state);
        if (served != known_.leq(state)) return false;
        if (served) note(state);
        return true;
    }
};

}  // namespace crdt::sim
