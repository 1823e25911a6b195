// SPDX-License-Identifier: MIT
#include <string>

#include <crdt/awset.hpp>

int main() {
    crdt::AWSet<std::string> a;
    a.add("a", "milk");
    crdt::AWSet<std::string> b = a;
    a.remove("milk");
    b.add("b", "milk");
    a.merge(b);  // a.contains("milk")
    return a.contains("milk") ? 0 : 1;
}
