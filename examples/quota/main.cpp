// SPDX-License-Identifier: MIT
//! Shops sell tickets without coordination, and never more than exist.
#include <iostream>
#include <stdexcept>
#include <string>

#include <crdt/bounded_counter.hpp>

/// A shop with its own copy of the counter.
struct Shop {
    std::string name;
    crdt::BoundedCounter<> tickets = {};

    void sell(int count) {
        try {
            tickets.subtract(name, count);
            std::cout << name << " sells " << count;
        } catch (const std::out_of_range&) {
            std::cout << name << " refuses to sell " << count;
        }
        std::cout << " and may sell " << tickets.rights(name) << "\n";
    }
};

int main() {
    Shop north{"north"}, south{"south"};
    north.tickets.add("north", 100);
    north.tickets.transfer("north", "south", 40);
    south.tickets.merge(north.tickets);

    // The network between them is down. Each shop sells from its own rights.
    north.sell(50);
    south.sell(30);
    south.sell(15);  // 20 tickets are left, but the rights are elsewhere

    // When the network is back, the shop with rights transfers some.
    north.tickets.merge(south.tickets);
    north.tickets.transfer("north", "south", 5);
    south.tickets.merge(north.tickets);
    south.sell(15);

    north.tickets.merge(south.tickets);
    std::cout << "left: " << north.tickets.value() << "\n";
}
