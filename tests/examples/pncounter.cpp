// SPDX-License-Identifier: MIT
#include <crdt/pncounter.hpp>

int main() {
    crdt::PNCounter<> a, b;
    a.add("a", 2);
    b.add("b", -5);
    a.merge(b);  // a.value() == -3
    return a.value() == -3 ? 0 : 1;
}
