// SPDX-License-Identifier: MIT
//! Store: the interface of the stores in which an application keeps its state.
#pragma once

#include <functional>
#include <utility>

#include <crdt/lattice/concepts.hpp>

namespace crdt::store {

/// Keeps changes of an L. `store.persist(delta, done)` runs `done` once `delta` is in the store;
/// then the change may be acknowledged. A store with other writers also has `store.refresh(done)`.
/// It runs `done` once the state has joined the content that the store had at the start, or newer
/// content.
///
/// MemoryStore, FileStore, Journal, maelstrom::Durable and maelstrom::KvStore are stores.
template <class S, class L>
concept Store = DecomposableLattice<L> &&
    requires(S& store, const L& delta, std::function<void()> done) {
    store.persist(delta, std::move(done));
};

/// Runs `done` once the state may be read; see Store. A store without refresh() has no other
/// writers, so `done` runs at once.
template <class S, class Done>
void refresh(S& store, Done&& done) {
    if constexpr (requires { store.refresh(std::forward<Done>(done)); })
        store.refresh(std::forward<Done>(done));
    else
        std::forward<Done>(done)();
}

}  // namespace crdt::store
