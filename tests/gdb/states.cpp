// SPDX-License-Identifier: MIT
//! States of each kind, and what to_string() says of them, line by line: check.py holds gdb to it.
#include <cstdint>
#include <iostream>
#include <string>
#include <utility>

#include <crdt/crdt.hpp>
#include <crdt/to_string.hpp>

using namespace crdt;

/// Where check.py stops, to look at the caller's `state`.
[[gnu::noinline]] void stop_here() { asm(""); }

namespace {

using U64 = std::uint64_t;
using Text = std::string;

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
struct Cart : Composed<Cart, Product<ORMap<Text, ResettableCounter<>>, LWWRegister<Text>>> {
    static constexpr std::string_view type_name = "cart";
    void fill() {
        mutate([](auto& state) {
            return state.template apply<0>([](auto& items) {
                return items.apply("milk", [](auto& count) { return count.add("phone", 2); });
            });
        });
    }
};

}  // namespace

int main() {
    look_at<GCounter<>>([](auto& x) {
        x.add("ann", 2);
        x.add("bob", 3);
    });
    look_at<GCounter<U64>>([](auto& x) {
        for (U64 id = 0; id < 2000; ++id) x.add(id * 7919 % 2003, 1 + id);
    });
    look_at<PNCounter<>>([](auto& x) { x.add("a", -5); });
    look_at<LexCounter<>>([](auto& x) { x.add("a", -5); });
    look_at<BoundedCounter<>>([](auto& x) {
        x.add("a", 9);
        x.transfer("a", "b", 4);
    });
    look_at<ResettableCounter<>>([](auto& x) {
        x.add("a", 5);
        x.reset("b");
    });
    look_at<GSet<int>>([](auto& x) {
        for (int i = -30; i < 30; ++i) x.insert(i);
    });
    look_at<TwoPhaseSet<Text>>([](auto& x) {
        x.insert("kept");
        x.insert("gone");
        x.erase("gone");
    });
    look_at<AWSet<Text>>([](auto& x) {
        for (int i = 0; i < 100; ++i) x.insert(i % 3 == 0 ? "ann" : "bob", std::to_string(i));
        for (int i = 0; i < 100; i += 4) x.erase(std::to_string(i));
    });
    look_at<AWSet<U64, U64>>([](auto& x) {
        for (U64 i = 0; i < 3000; ++i) x.insert(1, i * 7919 % 3001);
        for (U64 i = 0; i < 3000; i += 5) x.erase(i);
    });
    look_at<RWSet<Text>>([](auto& x) {
        x.insert("a", "fig");
        x.erase("b", "kiwi");
    });
    look_at<Bag<Text>>([](auto& x) {
        x.insert("a", "nail", 100);
        x.erase("a", "nail", 30);
    });
    look_at<EWFlag<>>([](auto& x) { x.enable("a"); });
    look_at<DWFlag<>>([](auto& x) { x.enable("a"); });
    look_at<MVRegister<Text>>(
        [](auto& x) { x.assign("a", "a text too long to stand in a string"); });
    look_at<LWWRegister<Text>>([](auto& x) { x.assign({{1000, 2}, "a"}, "red"); });
    look_at<GMap<Text, GCounter<>>>(
        [](auto& x) { x.update("apples", [](auto& c) { return c.add("a", 2); }); });
    look_at<ORMap<int, ORMap<Text, AWSet<int>>>>([](auto& x) {
        x.update(1, [](auto& inner) {
            return inner.apply("k", [](auto& set) { return set.add("a", 7); });
        });
    });
    look_at<RWMap<Text, EWFlag<>>>([](auto& x) {
        x.update("a", "k", [](auto& flag) { return flag.enable("a"); });
        x.erase("b", "gone");
    });
    look_at<VersionVector<>>([](auto& x) { x.advance_to("a", 3); });
    look_at<HLC>([](auto& x) { x.tick(1000); });
    look_at<Min<std::uint8_t>>([](auto& x) { x.advance(3); });
    look_at<Product<Max<int>, Unit, Max<bool>, Max<U64>>>(
        [](auto& x) { x.template apply<3>([](auto& last) { return last.advance(9); }); });
    look_at<DotSet<U64>>([](auto& x) {
        for (U64 replica = 1; replica < 9; ++replica) x.add({replica, replica, 2 * replica});
        x.add({3, 100, 100});
    });
    look_at<Cart>([](auto& x) { x.fill(); });
}
