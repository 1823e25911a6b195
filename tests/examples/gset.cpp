// SPDX-License-Identifier: MIT
#include <crdt/gset.hpp>

int main() {
    crdt::GSet<int> a, b;
    a.insert(7);
    b.insert(8);
    a.merge(b);  // a.size() == 2
    return a.size() == 2 ? 0 : 1;
}
