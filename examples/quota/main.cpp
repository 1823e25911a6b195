// SPDX-License-Identifier: MIT
//! Tickets sold by several shops that do not ask each other, and never more than there are.
#include <iostream>
#include <stdexcept>
#include <string>

#include <crdt/bounded_counter.hpp>

/// A shop, with its own copy of how many tickets are left.
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

    // The line between them is down. Each sells out of its own rights.
    north.sell(50);
    south.sell(30);
    south.sell(15);  // 20 are left in all, but not here

    // When it is up again, the one who has rights passes some on.
    north.tickets.merge(south.tickets);
    north.tickets.transfer("north", "south", 5);
    south.tickets.merge(north.tickets);
    south.sell(15);

    north.tickets.merge(south.tickets);
    std::cout << "left: " << north.tickets.value() << "\n";
}
