// SPDX-License-Identifier: MIT
//! Store: what an application keeps its state in.
#pragma once

#include <functional>
#include <utility>

#include <crdt/lattice/concepts.hpp>

namespace crdt::store {

/// Keeps changes of an L: `store.persist(delta, done)` runs `done` once `delta` is in the store,
/// and may be acknowledged. A store that others write to has `store.refresh(done)`, too, which runs
/// `done` once the state has joined what the store holds.
///
/// MemoryStore, FileStore, Journal, maelstrom::Durable and maelstrom::KvStore are such.
template <class S, class L>
concept Store = DecomposableLattice<L> &&
    requires(S& store, const L& delta, std::function<void()> done) {
    store.persist(delta, std::move(done));
};

/// Runs `done` once the state has joined what the store holds: at once if this is the only
/// writer of the store.
template <class S, class Done>
void refresh(S& store, Done&& done) {
    if constexpr (requires { store.refresh(std::forward<Done>(done)); })
        store.refresh(std::forward<Done>(done));
    else
        std::forward<Done>(done)();
}

}  // namespace crdt::store
