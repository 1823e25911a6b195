// SPDX-License-Identifier: MIT
//! The program that tests each way of installation: two replicas diverge and join.
#include <string>

#include <crdt/crdt.hpp>

int main() {
    crdt::PNCounter<> stock, elsewhere;
    stock.add("ann", 5);
    elsewhere.add("bob", -2);

    crdt::AWSet<std::string> cart;
    cart.insert("ann", "milk");
    auto other = cart;
    cart.erase("milk");
    other.insert("bob", "milk");

    stock.merge(elsewhere);
    elsewhere.merge(stock);
    cart.merge(other);
    other.merge(cart);
    const bool joined = stock == elsewhere && cart == other;
    return joined && stock.value() == 3 && cart.contains("milk") ? 0 : 1;
}
