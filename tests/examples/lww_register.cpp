// SPDX-License-Identifier: MIT
#include <string>

#include <crdt/hlc.hpp>
#include <crdt/lww_register.hpp>

int main() {
    crdt::LWWRegister<std::string> a, b;
    crdt::HLC clock_a, clock_b;
    a.assign({clock_a.tick(1000).time(), "a"}, "red");
    b.assign({clock_b.tick(1001).time(), "b"}, "blue");
    a.merge(b);  // a.value() == "blue"
    return a.value() == "blue" ? 0 : 1;
}
