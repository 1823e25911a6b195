// SPDX-License-Identifier: MIT
#include <string>

#include <crdt/hlc.hpp>
#include <crdt/lww_register.hpp>

int main() {
    crdt::LWWRegister<std::string> a, b;
    crdt::HLC clock_a, clock_b;
    a.assign(clock_a, 1000, "a", "red");  // a's wall clock reads 1000
    b.assign(clock_b, 1001, "b", "blue");
    a.merge(b);  // a.value() == "blue"
    return a.value() == "blue" ? 0 : 1;
}
