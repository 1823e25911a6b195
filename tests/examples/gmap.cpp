// SPDX-License-Identifier: MIT
#include <string>

#include <crdt/gcounter.hpp>
#include <crdt/gmap.hpp>

int main() {
    crdt::GMap<std::string, crdt::GCounter<>> a, b;
    a.update("apples", [](auto& counter) { return counter.add("a", 2); });
    b.update("apples", [](auto& counter) { return counter.add("b", 3); });
    a.merge(b);  // a.at("apples").value() == 5
    return a.view("apples").value() == 5 ? 0 : 1;
}
