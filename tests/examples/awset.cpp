// SPDX-License-Identifier: MIT
#include <string>

#include <crdt/awset.hpp>

int main() {
    crdt::AWSet<std::string> a;
    a.insert("a", "milk");
    crdt::AWSet<std::string> b = a;
    a.erase("milk");
    b.insert("b", "milk");
    a.merge(b);  // a.contains("milk")
    return a.contains("milk") ? 0 : 1;
}
