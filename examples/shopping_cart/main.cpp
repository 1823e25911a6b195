// SPDX-License-Identifier: MIT
//! A shopping cart on two devices. An erased item stays erased, but an item that is added
//! concurrently stays in the cart.
#include <iostream>
#include <string>

#include <crdt/ormap.hpp>
#include <crdt/resettable_counter.hpp>

// The erase of a key must undo the value that it removes. A ResettableCounter supports this, a
// PNCounter does not.
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
    laptop.erase("laptop", "cake");   // no device adds cake concurrently
    show("phone", phone);
    show("laptop", laptop);

    phone.merge(laptop);
    laptop.merge(phone);
    show("phone", phone);
    show("laptop", laptop);
}
