// SPDX-License-Identifier: MIT
//! The same test with the file store: the next run has everything that a run has committed.
#include <crdt/crdt.hpp>
#include <crdt/store/file.hpp>

int main() {
    using Store = crdt::store::FileStore<crdt::PNCounter<>>;
    crdt::PNCounter<> stock;
    {
        Store store("stock.db", "ann", 1);
        store.note(stock.add("ann", 5));
        store.commit(stock);
    }
    return Store("stock.db", "ann", 1).release() == stock ? 0 : 1;
}
