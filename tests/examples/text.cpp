// SPDX-License-Identifier: MIT
#include <crdt/text.hpp>

int main() {
    crdt::Text<> a, b;
    b.merge(a.insert("ann", 0, "hello"));
    a.erase(1, 4);
    b.insert("bob", 5, " world");
    a.merge(b);  // a.str() == "h world"
    return a.str() == "h world" ? 0 : 1;
}
