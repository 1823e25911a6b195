// SPDX-License-Identifier: MIT
//! The registry of types. The tests of golden files, fuzzing, gdb, printing, complexity and the
//! common interface go through this list. A test fails if a type of the library is not in the list,
//! or has no laws, oracle, golden files, example or corpus. To add a type, add its header, its
//! test, its example, and one line here. If its keys are texts, also add a sample below.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include <crdt/crdt.hpp>

namespace support {

using Number = std::uint64_t;
using Text = std::string;

/// A record of each kind of field, with keys, values and replicas of one type.
template <class Key>
using RecordOf = crdt::Record<crdt::Field<"title", crdt::MVRegister<Key, Key>>,
                              crdt::Field<"tags", crdt::AWSet<Key, Key>>>;
/// An item of a list of tasks.
using Task =
    crdt::Record<crdt::Field<"title", crdt::MVRegister<Text>>, crdt::Field<"done", crdt::EWFlag<>>,
                 crdt::Field<"spent", crdt::ResettableCounter<>>>;

/// A row of the registry: the type as it is in golden files, and the type with other keys, with
/// which states can become large.
template <class State, class Large>
struct Row {
    using state_type = State;
    using large_type = Large;
    /// The name in documents and of its files: include/crdt/NAME.hpp, tests/examples/NAME.cpp.
    static constexpr std::string_view name = State::type_name;
};

template <class... R>
struct Rows {
    static constexpr std::size_t size = sizeof...(R);

    template <class Visit>
    static void for_each(Visit&& visit) {
        (visit(R()), ...);
    }
};

/// All types that an application uses, in the order of the golden test.
template <class Key>
using Registry = Rows<
    Row<crdt::GCounter<>, crdt::GCounter<Key>>, Row<crdt::PNCounter<int>, crdt::PNCounter<Key>>,
    Row<crdt::LexCounter<>, crdt::LexCounter<Key>>,
    Row<crdt::BoundedCounter<>, crdt::BoundedCounter<Key>>,
    Row<crdt::ResettableCounter<>, crdt::ResettableCounter<Key>>,
    Row<crdt::GSet<Text>, crdt::GSet<Key>>, Row<crdt::TwoPhaseSet<Text>, crdt::TwoPhaseSet<Key>>,
    Row<crdt::AWSet<int>, crdt::AWSet<Key, Key>>, Row<crdt::RWSet<Text>, crdt::RWSet<Key, Key>>,
    Row<crdt::Bag<Text>, crdt::Bag<Key, Key>>,
    Row<crdt::LWWRegister<Text>, crdt::LWWRegister<Key, Key>>,
    Row<crdt::MVRegister<int>, crdt::MVRegister<Key, Key>>,
    Row<crdt::EWFlag<int>, crdt::EWFlag<Key>>, Row<crdt::DWFlag<>, crdt::DWFlag<Key>>,
    Row<Task, RecordOf<Key>>,
    Row<crdt::GMap<int, crdt::PNCounter<>>, crdt::GMap<Key, crdt::PNCounter<Key>>>,
    Row<crdt::ORMap<Text, crdt::ORMap<int, crdt::MVRegister<bool>>>,
        crdt::ORMap<Key, crdt::AWSet<Key, Key>>>,
    Row<crdt::RWMap<Text, crdt::EWFlag<>>, crdt::RWMap<Key, crdt::AWSet<Key, Key>>>,
    Row<crdt::List<Text>, crdt::List<Key, Key>>, Row<crdt::Text<>, crdt::Text<Key>>,
    Row<crdt::VersionVector<>, crdt::VersionVector<Key>>, Row<crdt::HLC, crdt::HLC>>;

/// Calls visit(row) for each.
template <class Key = Number, class Visit>
void for_each_type(Visit&& visit) {
    Registry<Key>::for_each(visit);
}

// ---- what is written to a state: the samples of golden files, and changes of any number

/// Makes a change by `replica`. `i` is the number of the element or key, or the slot of a counter.
template <class Key, class L>
L change(L& state, Number replica, Number i) {
    const Key id{replica}, key{i};
    const auto change_value = [&](auto& value) { return change<Key>(value, replica, i); };
    if constexpr (requires { state.insert(id, key); })
        return state.insert(id, key);
    else if constexpr (requires { state.insert(id, 0U, key); })
        return state.insert(id, 0U, key);
    else if constexpr (requires { state.insert(id, 0U, "x"); })
        return state.insert(id, 0U, "x");
    else if constexpr (requires { state.insert(key); })
        return state.insert(key);
    else if constexpr (requires { state.assign(id, key); })
        return state.assign(id, key);
    else if constexpr (requires { state.assign(crdt::Stamp<Key>(), key); })
        return state.assign(crdt::Stamp<Key>{{i + 1, 0}, id}, key);
    else if constexpr (requires { state.enable(id); })
        return state.enable(id);
    else if constexpr (requires { state.update(Key{i / 5}, change_value); })
        return state.update(Key{i / 5}, change_value);
    else if constexpr (requires { state.update(id, Key{i / 5}, change_value); })
        return state.update(id, Key{i / 5}, change_value);
    else if constexpr (requires { state.template update<"tags">(change_value); })
        return state.template update<"tags">(change_value);
    else if constexpr (requires { state.add(key, 1); })
        return state.add(key, 1);
    else if constexpr (requires { state.advance_to(key, i + 1); })
        return state.advance_to(key, i + 1);
    else
        return state.tick(i + 1);
}

/// Does a write replace all received writes, so that only concurrent writes make a large state?
template <class L, class Key>
inline constexpr bool is_replaced_by_writes = requires(L& state, const Key& id) {
    state.assign(id, id);
}
|| requires(L& state, const Key& id) { state.enable(id); };

/// Whether a state is made large by merges. A List reads all of its order for each insert.
template <class L, class Key>
inline constexpr bool is_grown_by_merges = is_replaced_by_writes<L, Key>;
template <class T, class Id, class Key>
inline constexpr bool is_grown_by_merges<crdt::List<T, Id>, Key> = true;

/// Makes the i-th of many changes that make a state large. Three replicas take turns.
template <class Key, class L>
void grow(L& state, Number i) {
    if constexpr (is_grown_by_merges<L, Key>) {
        L one;
        change<Key>(one, i, i);
        state.merge(one);
    } else {
        change<Key>(state, i % 3, i);
    }
}

/// The sample of a type without its own sample below: three changes, with numbers as keys.
template <class L>
void write_sample(L& x) {
    for (Number i = 0; i < 3; ++i) grow<Number>(x, i);
}
inline void write_sample(crdt::GCounter<>& x) {
    x.add("n1", 3);
    x.add("n2", (std::numeric_limits<std::uint64_t>::max)());
}
inline void write_sample(crdt::PNCounter<int>& x) {
    x.add(4, 7);
    x.add(4, -2);
    x.add(-1, (std::numeric_limits<std::int64_t>::min)());
}
inline void write_sample(crdt::LexCounter<>& x) {
    x.add("a", 5);
    x.add("a", -7);
}
inline void write_sample(crdt::BoundedCounter<>& x) {
    x.add("a", 10);
    x.transfer("a", "b", 4);
    x.subtract("b", 3);
}
inline void write_sample(crdt::ResettableCounter<>& x) {
    x.add("a", 5);
    x.reset("b");
    x.add("a", -2);
}
inline void write_sample(crdt::GSet<Text>& x) {
    for (const char* word : {"é", "", "a"}) x.insert(word);
}
inline void write_sample(crdt::TwoPhaseSet<Text>& x) {
    x.insert("there");
    x.insert("gone");
    x.erase("gone");
}
inline void write_sample(crdt::AWSet<int>& x) {
    for (const int element : {5, -1, 7}) x.insert("a", element);
    x.erase(-1);
    x.insert("b", 7);
}
inline void write_sample(crdt::RWSet<Text>& x) {
    x.insert("a", "there");
    x.erase("b", "gone");
}
inline void write_sample(crdt::Bag<Text>& x) {
    x.insert("a", "nail", 100);
    x.erase("a", "nail", 30);
}
inline void write_sample(crdt::LWWRegister<Text>& x) { x.assign({{1003, 7}, "a"}, "é"); }
inline void write_sample(crdt::MVRegister<int>& x) {
    crdt::MVRegister<int> concurrent("b", -5);
    x.assign("a", 5);
    x.merge(concurrent);
}
inline void write_sample(crdt::EWFlag<int>& x) { x.enable(3); }
inline void write_sample(crdt::DWFlag<>& x) {
    x.enable("a");
    x.disable("b");
}
inline void write_sample(Task& x) {
    x.update<"title">([](auto& title) { return title.assign("a", "buy milk"); });
    x.update<"spent">([](auto& spent) { return spent.add("b", 5); });
    x.update<"done">([](auto& done) { return done.enable("b"); });
}
inline void write_sample(crdt::GMap<int, crdt::PNCounter<>>& x) {
    x.update(-1, [](auto& counter) { return counter.add("a", -2); });
}
inline void write_sample(crdt::ORMap<Text, crdt::ORMap<int, crdt::MVRegister<bool>>>& x) {
    const auto assign = [](auto& inner) {
        return inner.update(1, [](auto& value) { return value.assign("a", true); });
    };
    x.update("outer", assign);
    x.update("gone", assign);
    x.erase("b", "gone");
}
inline void write_sample(crdt::RWMap<Text, crdt::EWFlag<>>& x) {
    x.update("a", "on", [](auto& flag) { return flag.enable("a"); });
    x.erase("a", "gone");
}
inline void write_sample(crdt::List<Text>& x) {
    for (const char* word : {"bread", "é", "milk"}) x.insert("a", x.size(), word);
    x.erase(1);
    x.insert("b", 1, "figs");
}
inline void write_sample(crdt::Text<>& x) {
    x.insert("a", 0, "d\u00E9j\u00E0 vu");
    x.erase(4, 2);
    x.insert("b", 4, " lu");
}
inline void write_sample(crdt::VersionVector<>& x) {
    x.advance_to("a", (std::numeric_limits<std::uint64_t>::max)());
}
inline void write_sample(crdt::HLC& x) { x.receive({1003, 7}, 1003, 0); }

/// The state of golden files.
template <class L>
L sample() {
    L state;
    write_sample(state);
    return state;
}

}  // namespace support
