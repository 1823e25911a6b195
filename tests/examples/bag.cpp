// SPDX-License-Identifier: MIT
#include <string>

#include <crdt/bag.hpp>

int main() {
    crdt::Bag<std::string> a, b;
    a.add("a", "nail", 100);
    b.add("b", "nail", 20);
    a.merge(b);
    a.remove("a", "nail", 30);  // a.count("nail") == 90
    return a.count("nail") == 90 ? 0 : 1;
}
