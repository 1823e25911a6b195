// SPDX-License-Identifier: MIT
#include <crdt/resettable_counter.hpp>

int main() {
    crdt::ResettableCounter<> a;
    a.add("a", 5);
    crdt::ResettableCounter<> b = a;
    a.add("a", 2);
    b.reset("b");
    a.merge(b);  // a.value() == 2
    return a.value() == 2 ? 0 : 1;
}
