// SPDX-License-Identifier: MIT
//! Prints the to_string() of a state of each kind, one per line. check.py compares the output of
//! gdb with it.
#include <cstdint>
#include <iostream>
#include <string>
#include <type_traits>
#include <utility>

#include <crdt/crdt.hpp>
#include <crdt/to_string.hpp>

#include "../support/types.hpp"

using namespace crdt;

/// check.py stops here and prints the caller's `state`.
[[gnu::noinline]] void stop_here() { asm(""); }

namespace {

using U64 = std::uint64_t;
using String = std::string;

template <class L>
[[gnu::noinline]] void look(L state) {
    std::cout << to_string(state) << std::endl;
    stop_here();
}

/// At bottom, and after `write`.
template <class L>
void look_at(void (*write)(L&)) {
    L state;
    look(state);
    write(state);
    look(std::move(state));
}

/// A user's own type.
struct Cart : Composed<Cart, Product<ORMap<String, ResettableCounter<>>, LWWRegister<String>>> {
    static constexpr std::string_view type_name = "cart";
    void fill() {
        mutate([](auto& state) {
            return state.template apply<0>([](auto& items) {
                return items.update("milk", [](auto& count) { return count.add("phone", 2); });
            });
        });
    }
};

}  // namespace

int main() {
    support::for_each_type([](auto row) {
        using Row = decltype(row);
        using State = typename Row::state_type;
        look_at<State>([](State& x) { support::write_sample(x); });
        using Large = typename Row::large_type;
        if constexpr (!std::is_same_v<State, Large>) {
            look_at<Large>([](Large& x) {
                for (U64 i = 0; i < 1000; ++i) support::grow<U64>(x, i * 7919 % 1009);
            });
        }
    });
    look_at<AWSet<String>>([](auto& x) {
        for (int i = 0; i < 100; ++i) x.insert(i % 3 == 0 ? "ann" : "bob", std::to_string(i));
        for (int i = 0; i < 100; i += 4) x.erase(std::to_string(i));
    });
    look_at<MVRegister<String>>(
        [](auto& x) { x.assign("a", "a text too long to stand in a string"); });
    look_at<Min<std::uint8_t>>([](auto& x) { x.advance(3); });
    look_at<Product<Max<int>, Unit, Max<bool>, Max<U64>>>(
        [](auto& x) { x.template apply<3>([](auto& last) { return last.advance(9); }); });
    look_at<DotSet<U64>>([](auto& x) {
        for (U64 replica = 1; replica < 9; ++replica) x.add({replica, replica, 2 * replica});
        x.add({3, 100, 100});
    });
    look_at<Cart>([](auto& x) { x.fill(); });
}
