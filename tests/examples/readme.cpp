#include <crdt/crdt.hpp>
#include <iostream>

int main() {
    crdt::PNCounter<> ann, bob;             // two replicas, no coordination
    auto change = ann.add("ann", 5);        // changes ann, and returns the delta
    bob.add("bob", -2);                     // at the same time, elsewhere

    bob.merge(change);                      // a delta is enough ...
    ann.merge(bob);                         // ... and so is the whole state,
    ann.merge(bob);                         // however often and in whatever order

    std::cout << ann.value() << " == " << bob.value() << "\n";  // 3 == 3
    return ann == bob ? 0 : 1;
}
