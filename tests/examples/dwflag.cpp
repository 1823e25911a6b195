// SPDX-License-Identifier: MIT
#include <crdt/dwflag.hpp>

int main() {
    crdt::DWFlag<> a;
    a.enable("a");
    crdt::DWFlag<> b = a;
    a.enable("a");
    b.disable("b");
    a.merge(b);  // !a.value()
    return !a.enabled() ? 0 : 1;
}
