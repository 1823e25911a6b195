// SPDX-License-Identifier: MIT
#include "cart.hpp"

#include <iostream>

#include <crdt/codec/json.hpp>
#include <crdt/laws/check.hpp>
#include <crdt/ostream.hpp>

int main() {
    Cart phone, laptop;
    phone.add("phone", "tea", 2);
    laptop.merge(phone);
    laptop.add("laptop", "tea", 1);
    phone.drop("phone", "tea");  // has not seen the laptop's tea
    phone.add("phone", "cake", 1);
    phone.merge(laptop);
    std::cout << phone << "\n";

    const auto received = crdt::json::try_decode<Cart>(crdt::json::encode(phone));
    const auto report = crdt::laws::check<Cart>([](Cart& cart, std::size_t replica, auto& choices) {
        const std::string device(1, static_cast<char>('a' + replica));
        const std::string item(1, static_cast<char>('p' + choices.below(2)));
        switch (choices.below(4)) {
            case 0: return cart.add(device, item, choices.template number<int>());
            case 1: return cart.drop(device, item);
            case 2: return cart.compact(device);
            default: return cart.set_note({{choices.below(3), 0}, device}, item);
        }
    });

    std::cout << report.text() << "\n";
    const bool right = phone.quantity("tea") == 1 && phone.quantity("cake") == 1;
    return right && received && *received == phone && report.ok() ? 0 : 1;
}
