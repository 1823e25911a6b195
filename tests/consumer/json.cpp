// SPDX-License-Identifier: MIT
//! The same with the JSON codec: what one replica writes, another reads and joins.
#include <string>

#include <crdt/codec/json.hpp>
#include <crdt/crdt.hpp>

int main() {
    crdt::AWSet<std::string> cart, other;
    cart.insert("ann", "milk");
    other.insert("bob", "tea");

    const auto received =
        crdt::json::try_decode<crdt::AWSet<std::string>>(crdt::json::encode(cart));
    if (!received) return 1;
    other.merge(*received);
    return other.contains("milk") && other.contains("tea") ? 0 : 1;
}
