// SPDX-License-Identifier: MIT
#include <crdt/gcounter.hpp>

int main() {
    crdt::GCounter<> a, b;
    a.add("a", 2);
    b.add("b", 3);
    a.merge(b);  // a.value() == 5
    return a.value() == 5 ? 0 : 1;
}
