// SPDX-License-Identifier: MIT
#include <crdt/bounded_counter.hpp>

int main() {
    crdt::BoundedCounter<> stock;
    stock.add("a", 10);
    stock.transfer("a", "b", 4);
    stock.subtract("b", 3);  // stock.value() == 7, stock.rights("b") == 1
    return stock.value() == 7 && stock.rights("b") == 1 ? 0 : 1;
}
