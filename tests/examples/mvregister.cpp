// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <crdt/mvregister.hpp>

int main() {
    crdt::MVRegister<std::string> a, b;
    a.set("a", "red");
    b.set("b", "blue");
    a.merge(b);  // a.values() is {"blue", "red"}
    a.set("a", "mauve");
    b.merge(a);  // b.values() is {"mauve"}
    return b.values() == std::vector<std::string>{"mauve"} ? 0 : 1;
}
