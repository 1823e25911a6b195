// SPDX-License-Identifier: MIT
//! The same test with JSON: one replica writes a document, another reads it and joins.
#include <string>

#include <nlohmann/json.hpp>

#include <crdt/codec/json.hpp>
#include <crdt/codec/json/nlohmann.hpp>
#include <crdt/crdt.hpp>

int main() {
    crdt::AWSet<std::string> cart, other;
    cart.insert("ann", "milk");
    other.insert("bob", "tea");

    const std::string document = crdt::json::encode(cart);
    if (nlohmann::json::parse(document)["state"] != crdt::json::to_nlohmann(cart)) return 1;
    const auto received = crdt::json::try_decode<crdt::AWSet<std::string>>(document);
    if (!received) return 1;
    other.merge(*received);
    return other.contains("milk") && other.contains("tea") ? 0 : 1;
}
