// SPDX-License-Identifier: MIT
#include <string>

#include <crdt/awset.hpp>
#include <crdt/rwmap.hpp>

int main() {
    crdt::RWMap<std::string, crdt::AWSet<std::string>> a;
    a.update("a", "guests", [](auto& set) { return set.insert("a", "eve"); });
    crdt::RWMap<std::string, crdt::AWSet<std::string>> b = a;
    a.erase("a", "guests");
    b.update("b", "guests", [](auto& set) { return set.insert("b", "dan"); });
    a.merge(b);  // !a.contains("guests")
    return !a.contains("guests") ? 0 : 1;
}
