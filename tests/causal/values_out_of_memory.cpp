// SPDX-License-Identifier: MIT
//! Maps with keys and ids that take memory of their own: a change inside a value that runs out of
//! memory changes nothing. With short keys, such a change makes fewer allocations, and other ones.
#include <cstddef>
#include <string>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/laws/choices.hpp>
#include <crdt/mvregister.hpp>
#include <crdt/ormap.hpp>
#include <crdt/record.hpp>
#include <crdt/resettable_counter.hpp>
#include <crdt/rwmap.hpp>

#include "support/out_of_memory.hpp"

namespace values_out_of_memory_tests {

using namespace crdt;

namespace {

std::string long_text(const char* prefix, std::uint64_t number) {
    return prefix + std::string(" that does not fit into the object: ") + std::to_string(number);
}
std::string id_of(std::size_t replica) { return long_text("id", replica); }

using Set = AWSet<std::string>;
using Counter = ResettableCounter<>;
using Item = Record<Field<"title", MVRegister<std::string>>, Field<"tags", Set>>;

Set mutate_value(Set& set, const std::string& id, laws::Choices& choices) {
    const std::string element = long_text("element", choices.below(3));
    return choices.below(3) == 0 ? set.erase(element) : set.insert(id, element);
}
Counter mutate_value(Counter& counter, const std::string& id, laws::Choices& choices) {
    return choices.below(3) == 0 ? counter.reset(id) : counter.add(id, 1);
}
Item mutate_value(Item& item, const std::string& id, laws::Choices& choices) {
    if (choices.below(2) == 0)
        return item.update<"tags">([&](Set& set) { return mutate_value(set, id, choices); });
    return item.update<"title">(
        [&](auto& title) { return title.assign(id, long_text("title", choices.below(3))); });
}
template <class Value>
ORMap<std::string, Value> mutate_value(ORMap<std::string, Value>& map, const std::string& id,
                                       laws::Choices& choices) {
    const std::string key = long_text("key", choices.below(3));
    if (choices.below(5) == 0) return map.erase(id, key);
    return map.update(key, [&](Value& value) { return mutate_value(value, id, choices); });
}
template <class Value>
RWMap<std::string, Value> mutate_value(RWMap<std::string, Value>& map, const std::string& id,
                                       laws::Choices& choices) {
    const std::string key = long_text("key", choices.below(3));
    if (choices.below(5) == 0) return map.erase(id, key);
    return map.update(id, key, [&](Value& value) { return mutate_value(value, id, choices); });
}

}  // namespace

TEST_CASE_TEMPLATE("causal: a change of a value at a long key that runs out of memory does nothing",
                   L, ORMap<std::string, Set>, ORMap<std::string, Counter>,
                   ORMap<std::string, Item>, ORMap<std::string, ORMap<std::string, Counter>>,
                   RWMap<std::string, Set>) {
    support::check_out_of_memory<L>([](L& state, std::size_t replica, laws::Choices& choices) {
        return mutate_value(state, id_of(replica), choices);
    });
}

}  // namespace values_out_of_memory_tests
