// SPDX-License-Identifier: MIT
#include <string>

#include <crdt/awset.hpp>
#include <crdt/rwmap.hpp>

int main() {
    crdt::RWMap<std::string, crdt::AWSet<std::string>> a;
    a.apply("a", "guests", [](auto& set) { return set.add("a", "eve"); });
    crdt::RWMap<std::string, crdt::AWSet<std::string>> b = a;
    a.remove("a", "guests");
    b.apply("b", "guests", [](auto& set) { return set.add("b", "dan"); });
    a.merge(b);  // !a.contains("guests")
    return !a.contains("guests") ? 0 : 1;
}
