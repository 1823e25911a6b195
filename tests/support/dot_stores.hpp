// SPDX-License-Identifier: MIT
//! Dot stores of all kinds, for comparison with a plain map from dots to content.
#pragma once

#include <concepts>
#include <map>
#include <string>

#include <doctest/doctest.h>

#include <crdt/causal/dot_fun.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_store.hpp>
#include <crdt/causal/dot_tuple.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/write_once.hpp>

#include "support/dots.hpp"

namespace support {

/// The dots of a store, each with the stage of its content. The first stage is 0.
using Content = std::map<crdt::Dot<>, unsigned>;

inline Dots dots_of(const Content& content) {
    Dots dots;
    for (const auto& [dot, stage] : content) dots.insert(dot);
    return dots;
}

/// How to make a store of that kind with one dot, and how to read one. What does not change at a
/// dot, its key or its component or a value written once, follows from the dot:
///
///     unsigned stages(dot)             how many its content can go through
///     Store    one(dot, stage)
///     void     read(store, content)    adds all that is in `store`
template <crdt::DotStore Store>
struct StoreModel;

template <>
struct StoreModel<crdt::DotSet<>> {
    static unsigned stages(const crdt::Dot<>&) { return 1; }
    static crdt::DotSet<> one(const crdt::Dot<>& dot, unsigned) { return {dot}; }
    static void read(const crdt::DotSet<>& store, Content& content) {
        for (const crdt::Dot<>& dot : dots_of(store)) content.emplace(dot, 0);
    }
};

template <>
struct StoreModel<crdt::DotFun<crdt::Max<unsigned>>> {
    using Store = crdt::DotFun<crdt::Max<unsigned>>;

    static unsigned stages(const crdt::Dot<>&) { return 2; }
    static Store one(const crdt::Dot<>& dot, unsigned stage) {
        return {dot, crdt::Max<unsigned>(stage)};
    }
    static void read(const Store& store, Content& content) {
        for (const auto& [dot, state] : store) content.emplace(dot, state.value());
    }
};

template <>
struct StoreModel<crdt::DotFun<crdt::WriteOnce<std::string>>> {
    using Store = crdt::DotFun<crdt::WriteOnce<std::string>>;

    static unsigned stages(const crdt::Dot<>&) { return 1; }
    static Store one(const crdt::Dot<>& dot, unsigned) {
        return {dot, crdt::WriteOnce<std::string>("by " + std::string(dot.replica))};
    }
    static void read(const Store& store, Content& content) {
        for (const auto& [dot, state] : store) {
            REQUIRE(state == one(dot, 0).begin()->second);
            content.emplace(dot, 0);
        }
    }
};

template <class KeyType, class Child>
struct StoreModel<crdt::DotMap<KeyType, Child>> {
    using Store = crdt::DotMap<KeyType, Child>;

    static KeyType key_of(const crdt::Dot<>& dot) {
        if constexpr (std::same_as<KeyType, std::string>)
            return "of " + std::string(dot.replica);
        else
            return static_cast<KeyType>(dot.sequence % 2);
    }
    static unsigned stages(const crdt::Dot<>& dot) { return StoreModel<Child>::stages(dot); }
    static Store one(const crdt::Dot<>& dot, unsigned stage) {
        return {key_of(dot), StoreModel<Child>::one(dot, stage)};
    }
    static void read(const Store& store, Content& content) {
        for (const auto& [key, child] : store) {
            Content here;
            StoreModel<Child>::read(child, here);
            REQUIRE_FALSE(here.empty());
            for (const auto& [dot, stage] : here) REQUIRE(key_of(dot) == key);
            content.merge(here);
        }
    }
};

/// The even numbers are in the second component.
template <class First, class Second>
struct StoreModel<crdt::DotTuple<First, Second>> {
    using Store = crdt::DotTuple<First, Second>;

    static bool is_first(const crdt::Dot<>& dot) { return dot.sequence % 2 == 1; }
    static unsigned stages(const crdt::Dot<>& dot) {
        return is_first(dot) ? StoreModel<First>::stages(dot) : StoreModel<Second>::stages(dot);
    }
    static Store one(const crdt::Dot<>& dot, unsigned stage) {
        return is_first(dot) ? Store(crdt::Part<0>{}, StoreModel<First>::one(dot, stage))
                             : Store(crdt::Part<1>{}, StoreModel<Second>::one(dot, stage));
    }
    static void read(const Store& store, Content& content) {
        Content first, second;
        StoreModel<First>::read(store.template get<0>(), first);
        StoreModel<Second>::read(store.template get<1>(), second);
        for (const auto& [dot, stage] : first) REQUIRE(is_first(dot));
        for (const auto& [dot, stage] : second) REQUIRE_FALSE(is_first(dot));
        content.merge(first);
        content.merge(second);
    }
};

template <class Store>
Store store_of(const Content& content) {
    Store store;
    for (const auto& [dot, stage] : content) {
        store.absorb(StoreModel<Store>::one(dot, stage), crdt::DotSet<>());
    }
    return store;
}

template <class Store>
Content content_of(const Store& store) {
    Content content;
    StoreModel<Store>::read(store, content);
    return content;
}

}  // namespace support
