// SPDX-License-Identifier: MIT
//! Two shops sell tickets without coordination. Together they never sell more tickets than exist.
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

    // The network between the shops is down. Each shop can sell as many tickets as it has rights.
    north.sell(50);
    south.sell(30);
    south.sell(15);  // refused: 20 tickets are left, but south has only 10 rights

    // When the network is back, north transfers some of its rights to south.
    north.tickets.merge(south.tickets);
    north.tickets.transfer("north", "south", 5);
    south.tickets.merge(north.tickets);
    south.sell(15);

    north.tickets.merge(south.tickets);
    std::cout << "left: " << north.tickets.value() << "\n";
}
