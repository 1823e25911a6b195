// SPDX-License-Identifier: MIT
#include <string>

#include <crdt/awset.hpp>
#include <crdt/ormap.hpp>

int main() {
    crdt::ORMap<std::string, crdt::AWSet<std::string>> a;
    a.apply("fruit", [](auto& set) { return set.add("a", "fig"); });
    crdt::ORMap<std::string, crdt::AWSet<std::string>> b = a;
    a.remove("a", "fruit");
    b.apply("fruit", [](auto& set) { return set.add("b", "kiwi"); });
    a.merge(b);  // a.at("fruit") has "kiwi" alone
    return a.at("fruit").contains("kiwi") && a.at("fruit").size() == 1 ? 0 : 1;
}
