// SPDX-License-Identifier: MIT
#include <crdt/lex_counter.hpp>

int main() {
    crdt::LexCounter<> a, b;
    a.add("a", 2);
    b.add("b", -5);
    a.merge(b);  // a.value() == -3
    return a.value() == -3 ? 0 : 1;
}
