// SPDX-License-Identifier: MIT
//! A to-do list as a table of records: two replicas edit fields of one item, and one erases an item
//! that the other edits.
#include <iostream>
#include <string>

#include <crdt/awset.hpp>
#include <crdt/ewflag.hpp>
#include <crdt/mvregister.hpp>
#include <crdt/ormap.hpp>
#include <crdt/record.hpp>

using Item = crdt::Record<crdt::Field<"title", crdt::MVRegister<std::string>>,
                          crdt::Field<"done", crdt::EWFlag<>>,
                          crdt::Field<"tags", crdt::AWSet<std::string>>>;
using Items = crdt::ORMap<std::string, Item>;

Items set_title(Items& items, const std::string& replica, const std::string& key,
                const std::string& title) {
    return items.update(key, [&](Item& item) {
        return item.update<"title">([&](auto& field) { return field.assign(replica, title); });
    });
}
Items tag(Items& items, const std::string& replica, const std::string& key,
          const std::string& word) {
    return items.update(key, [&](Item& item) {
        return item.update<"tags">([&](auto& tags) { return tags.insert(replica, word); });
    });
}
Items finish(Items& items, const std::string& replica, const std::string& key) {
    return items.update(key, [&](Item& item) {
        return item.update<"done">([&](auto& done) { return done.enable(replica); });
    });
}

void show(const Items& items) {
    for (const auto& [key, item] : items) {
        std::cout << key << ": " << item.view<"title">().value_or("(no title)")
                  << (item.view<"done">().enabled() ? ", done" : "");
        for (const std::string& word : item.view<"tags">()) std::cout << " #" << word;
        std::cout << (item.is_complete() ? "" : "  <- incomplete") << "\n";
    }
}

int main() {
    Items laptop, phone;
    set_title(laptop, "laptop", "1", "buy milk");
    set_title(laptop, "laptop", "2", "call Ann");
    phone.merge(laptop);

    std::cout << "Two fields of one item:\n";
    set_title(laptop, "laptop", "1", "buy oat milk");
    finish(phone, "phone", "1");
    laptop.merge(phone);
    phone.merge(laptop);
    show(laptop);

    std::cout << "An erase beside an edit:\n";
    laptop.erase("laptop", "2");
    tag(phone, "phone", "2", "urgent");
    laptop.merge(phone);
    phone.merge(laptop);
    show(phone);

    std::cout << "Erased again:\n";
    phone.erase("phone", "2");
    laptop.merge(phone);
    show(laptop);
    return laptop == phone ? 0 : 1;
}
