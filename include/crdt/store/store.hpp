// SPDX-License-Identifier: MIT
//! Store: the interface of the stores in which an application keeps its state.
#pragma once

#include <functional>
#include <utility>

#include <crdt/lattice/concepts.hpp>

namespace crdt::store {

/// A type that stores changes of the lattice L. `store.persist(delta, done)` runs `done` when
/// `delta` is in the store. Then the change may be acknowledged to a client. If other processes
/// write to the same store, the store also has `store.refresh(done)`. This function runs `done`
/// when the application's state has joined at least everything that was in the store at the time of
/// the call.
///
/// MemoryStore, FileStore, Journal, maelstrom::Durable and maelstrom::KvStore are stores.
template <class S, class L>
concept Store = DecomposableLattice<L> &&
    requires(S& store, const L& delta, std::function<void()> done) {
    store.persist(delta, std::move(done));
};

/// Runs `done` when the state may be read. If the store has a function refresh(), that function
/// runs `done`; see Store. A store without refresh() has no other writers, so `done` runs
/// immediately.
template <class S, class Done>
void refresh(S& store, Done&& done) {
    if constexpr (requires { store.refresh(std::forward<Done>(done)); })
        store.refresh(std::forward<Done>(done));
    else
        std::forward<Done>(done)();
}

}  // namespace crdt::store
