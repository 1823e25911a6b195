// SPDX-License-Identifier: MIT
//! The menu: all types that are checked for the laws and with the oracle, and the operations of
//! each.
#pragma once

#include <functional>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/codec/type_name.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/ostream.hpp>

#include "support/laws.hpp"
#include "support/oracle.hpp"
#include "support/out_of_memory.hpp"
#include "support/surface.hpp"

namespace support {

/// A row of the table of types.
struct Entry {
    std::string name;
    std::string in_documents;  // the name of the type there; empty if it has none
    bool delta, difference, decompose, digest, codecs, hash, prints;
    std::function<void()> laws;
    std::function<void()> out_of_memory;
    std::function<void()> surface;
    std::function<void()> oracle;  // empty for the combinators: the types made of them have one
};

/// Returns all entries, in no order. Each test file adds its entries before main().
inline std::vector<Entry>& menu() {
    static std::vector<Entry> entries;
    return entries;
}

/// Returns the operations that L has, as far as a compiler can check. The laws check that they are
/// correct.
template <class L, class Mutate>
Entry describe(const std::string& name) {
    static_assert(std::is_nothrow_move_constructible_v<L> && std::is_nothrow_move_assignable_v<L> &&
                      std::is_nothrow_swappable_v<L>,
                  "moves of every type are safe, so states can be values of other types");
    Entry entry{};
    entry.name = name;
    if constexpr (crdt::TypeName<L>::is_named) entry.in_documents = crdt::type_name<L>();
    entry.delta = requires(L & state, Mutate mutate, crdt::laws::Choices & choices) {
        { mutate(state, 0, choices) } -> std::same_as<L>;
    };
    entry.difference = requires(const L& a) {
        { difference(a, a) } -> std::same_as<L>;
    };
    entry.decompose = requires(const L& a, void (*visit)(const L&)) { decompose(a, visit); };
    entry.digest = requires(const L& a) {
        { difference(a, digest(a)) } -> std::same_as<L>;
    };
    entry.codecs = requires(const std::string& bytes) {
        { crdt::json::try_decode_value<L>(bytes) } -> std::same_as<crdt::Expected<L>>;
        { crdt::binary::try_decode_value<L>(bytes) } -> std::same_as<crdt::Expected<L>>;
    };
    entry.hash = requires(const L& a) { hash_value(a); };
    entry.prints = requires(std::ostream & out, const L& a) { out << a; };
    return entry;
}

/// Adds L to the menu. `mutate` is the argument of laws::check.
template <class L, class Mutate>
bool on_menu(const std::string& name, Mutate mutate) {
    Entry entry = describe<L, Mutate>(name);
    entry.laws = [mutate] { check_laws<L>(mutate); };
    entry.out_of_memory = [mutate] { check_out_of_memory<L>(mutate); };
    entry.surface = [mutate] { check_surface<L>(mutate); };
    menu().push_back(entry);
    return true;
}
template <class L, class Model, class Mutate>
bool on_menu(const std::string& name, Mutate mutate) {
    on_menu<L>(name, mutate);
    menu().back().oracle = [] { check_oracle<Model>(); };
    return true;
}

}  // namespace support
