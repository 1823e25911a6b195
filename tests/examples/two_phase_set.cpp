// SPDX-License-Identifier: MIT
#include <crdt/two_phase_set.hpp>

int main() {
    crdt::TwoPhaseSet<int> a;
    a.insert(7);
    crdt::TwoPhaseSet<int> b = a;
    b.erase(7);
    a.insert(7);
    a.merge(b);  // !a.contains(7)
    return !a.contains(7) ? 0 : 1;
}
