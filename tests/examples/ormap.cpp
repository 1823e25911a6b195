// SPDX-License-Identifier: MIT
#include <string>

#include <crdt/awset.hpp>
#include <crdt/ormap.hpp>

int main() {
    crdt::ORMap<std::string, crdt::AWSet<std::string>> a;
    a.update("fruit", [](auto& set) { return set.insert("a", "fig"); });
    crdt::ORMap<std::string, crdt::AWSet<std::string>> b = a;
    a.erase("a", "fruit");
    b.update("fruit", [](auto& set) { return set.insert("b", "kiwi"); });
    a.merge(b);  // a.at("fruit") has "kiwi" alone
    return a.view("fruit").contains("kiwi") && a.view("fruit").size() == 1 ? 0 : 1;
}
