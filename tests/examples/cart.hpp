// SPDX-License-Identifier: MIT
#pragma once
#include <crdt/crdt.hpp>

/// A shopping cart that is filled on several devices, on line or not. Quantities add up; to drop an
/// item undoes what was seen of it and no more; of two notes the later one stays.
class Cart : public crdt::Composed<  //
                 Cart, crdt::Product<crdt::ORMap<std::string, crdt::ResettableCounter<>>,
                                     crdt::LWWRegister<std::string>>> {
    template <std::size_t Part>
    Cart change(auto mutator) {
        return mutate([&](auto& state) { return state.template apply<Part>(mutator); });
    }

  public:
    static constexpr std::string_view type_name = "cart";

    Cart add(const std::string& device, const std::string& item, int quantity) {
        return change<0>([&](auto& items) {
            return items.apply(item, [&](auto& count) { return count.add(device, quantity); });
        });
    }
    Cart drop(const std::string& device, const std::string& item) {
        return change<0>([&](auto& items) { return items.remove(device, item); });
    }
    /// Lets go of what other devices have dropped of this one's additions.
    Cart compact(const std::string& device) {
        return change<0>([&](auto& items) { return items.compact(device); });
    }
    Cart set_note(const crdt::Stamp<>& now, const std::string& note) {
        return change<1>([&](auto& register_) { return register_.set(now, note); });
    }

    auto items() const { return lattice().get<0>().keys(); }
    auto quantity(const std::string& item) const { return lattice().get<0>().at(item).value(); }
    std::string note() const {
        return lattice().get<1>().has_value() ? lattice().get<1>().value() : "";
    }
};
