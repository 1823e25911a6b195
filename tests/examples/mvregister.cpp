// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <crdt/mvregister.hpp>

int main() {
    crdt::MVRegister<std::string> a, b;
    a.assign("a", "red");
    b.assign("b", "blue");
    a.merge(b);  // a.values() is {"blue", "red"}
    a.assign("a", "mauve");
    b.merge(a);  // b.values() is {"mauve"}
    return b.values() == std::vector<std::string>{"mauve"} ? 0 : 1;
}
