// SPDX-License-Identifier: MIT
//! MemoryStore: no durability beyond the process and what its peers have.
#pragma once

#include <crdt/lattice/concepts.hpp>

namespace crdt::store {

/// What an application keeps its state in:
///     persist(delta, done)   done() once `delta` is in the store, and so may be acknowledged
///     refresh(done)          done() once the state has joined what the store knows
/// MemoryStore does both by doing nothing.
template <DecomposableLattice L>
class MemoryStore {
  public:
    /// Runs `done` at once.
    template <class Done>
    void persist(const L&, Done&& done) {
        done();
    }
    /// Runs `done` at once.
    template <class Done>
    void refresh(Done&& done) {
        done();
    }
};

}  // namespace crdt::store
