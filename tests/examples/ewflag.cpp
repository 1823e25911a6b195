// SPDX-License-Identifier: MIT
#include <crdt/ewflag.hpp>

int main() {
    crdt::EWFlag<> a;
    a.enable("a");
    crdt::EWFlag<> b = a;
    a.disable();
    b.enable("b");
    a.merge(b);  // a.value()
    return a.enabled() ? 0 : 1;
}
