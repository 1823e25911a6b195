// SPDX-License-Identifier: MIT
#include <string>

#include <crdt/bag.hpp>

int main() {
    crdt::Bag<std::string> a, b;
    a.insert("a", "nail", 100);
    b.insert("b", "nail", 20);
    a.merge(b);
    a.erase("a", "nail", 30);  // a.count("nail") == 90
    return a.count("nail") == 90 ? 0 : 1;
}
