// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <crdt/list.hpp>

int main() {
    crdt::List<std::string> a("a", {"bread", "milk"});
    crdt::List<std::string> b = a;
    a.insert("a", 1, "figs");
    b.erase(0);
    b.insert("b", 1, "tea");
    a.merge(b);  // figs, milk, tea
    return std::vector<std::string>(a.begin(), a.end()) ==
                   std::vector<std::string>{"figs", "milk", "tea"}
               ? 0
               : 1;
}
