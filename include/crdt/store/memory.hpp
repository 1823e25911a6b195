// SPDX-License-Identifier: MIT
//! MemoryStore: no durability beyond the process and what its peers have.
#pragma once

#include <crdt/lattice/concepts.hpp>
#include <crdt/store/store.hpp>

namespace crdt::store {

/// A store that keeps nothing: a change may be acknowledged at once.
template <DecomposableLattice L>
class MemoryStore {
  public:
    /// Runs `done` at once.
    template <class Done>
    void persist(const L&, Done&& done) {
        done();
    }
};

}  // namespace crdt::store
