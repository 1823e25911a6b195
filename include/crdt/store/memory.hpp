// SPDX-License-Identifier: MIT
//! MemoryStore stores nothing. When the process ends, only the copies at peers remain.
#pragma once

#include <crdt/lattice/concepts.hpp>
#include <crdt/store/store.hpp>

namespace crdt::store {

/// A store that stores nothing, so each change may be acknowledged immediately.
template <DecomposableLattice L>
class MemoryStore {
  public:
    /// Runs `done` before it returns.
    template <class Done>
    void persist(const L&, Done&& done) {
        done();
    }
};

}  // namespace crdt::store
