// SPDX-License-Identifier: MIT
//! A shopping cart on two devices: erased items stay erased, items added meanwhile stay.
#include <iostream>
#include <string>

#include <crdt/ormap.hpp>
#include <crdt/resettable_counter.hpp>

// An erase must be able to undo a value: ResettableCounter, not PNCounter.
using Cart = crdt::ORMap<std::string, crdt::ResettableCounter<>>;

void add(Cart& cart, const std::string& device, const std::string& item, int quantity) {
    cart.update(item, [&](auto& count) { return count.add(device, quantity); });
}

void show(const std::string& device, const Cart& cart) {
    std::cout << device << ":";
    for (const std::string& item : cart.keys())
        std::cout << " " << item << " x " << cart.view(item).value();
    std::cout << "\n";
}

int main() {
    Cart phone, laptop;
    add(phone, "phone", "tea", 2);
    add(phone, "phone", "cake", 1);
    laptop.merge(phone);

    // Now both devices are offline.
    phone.erase("phone", "tea");      // undoes the 2 that the phone has seen
    add(laptop, "laptop", "tea", 1);  // the phone has not seen this one
    laptop.erase("laptop", "cake");   // no device adds cake meanwhile
    show("phone", phone);
    show("laptop", laptop);

    phone.merge(laptop);
    laptop.merge(phone);
    show("phone", phone);
    show("laptop", laptop);
}
