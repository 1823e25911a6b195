// SPDX-License-Identifier: MIT
//! The same with the file store: what one run commits, the next one has.
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
