// SPDX-License-Identifier: MIT
//! Two replicas of a counter diverge and join.
#include <iostream>

#include <crdt/crdt.hpp>

int main() {
    crdt::PNCounter<> ann, bob;       // two replicas, no coordination
    auto change = ann.add("ann", 5);  // changes ann, and returns the delta
    bob.add("bob", -2);               // at the same time, elsewhere
    std::cout << ann.value() << " and " << bob.value() << "\n";  // 5 and -2

    bob.merge(change);  // a delta is enough ...
    ann.merge(bob);     // ... and so is the whole state,
    ann.merge(bob);     // however often and in whatever order

    std::cout << ann.value() << " == " << bob.value() << "\n";  // 3 == 3
}
