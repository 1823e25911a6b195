// SPDX-License-Identifier: MIT
#include <string>

#include <crdt/rwset.hpp>

int main() {
    crdt::RWSet<std::string> a;
    a.insert("a", "guest");
    crdt::RWSet<std::string> b = a;
    a.insert("a", "guest");
    b.erase("b", "guest");
    a.merge(b);  // !a.contains("guest")
    return !a.contains("guest") ? 0 : 1;
}
