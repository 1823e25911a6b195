// SPDX-License-Identifier: MIT
//! What every type's law test needs: its mutator, and JSON as a further law.
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>

#include <doctest/doctest.h>

#include <crdt/codec/json.hpp>
#include <crdt/laws/check.hpp>

#include "support/sanitized.hpp"

namespace support {

/// Replica ids of either kind.
template <class Id>
Id replica_id(std::size_t replica) {
    if constexpr (std::is_integral_v<Id>)
        return static_cast<Id>(replica);
    else
        return "r" + std::to_string(replica);
}

/// Adds some number, whatever its sign and size: what the counter refuses, it must refuse whole.
inline constexpr auto add_anything = [](auto& counter, std::size_t replica,
                                        crdt::laws::Choices& choices) {
    using Counter = std::remove_reference_t<decltype(counter)>;
    return counter.add(replica_id<typename Counter::id_type>(replica), choices.number<int>());
};

/// Inserts some element: mostly one of a few, so that replicas insert the same.
inline constexpr auto insert_anything = [](auto& set, std::size_t, crdt::laws::Choices& choices) {
    using Element = typename std::remove_reference_t<decltype(set)>::value_type;
    if constexpr (std::is_integral_v<Element>)
        return set.insert(choices.number<Element>());
    else if (choices.below(4) == 3)
        return set.insert(Element("of many: ") + std::to_string(choices.below(10'000)));
    else
        return set.insert(Element(choices.below(3), static_cast<char>('a' + choices.below(3))));
};

/// The JSON codec gives back what it was given, and equal states have equal bytes. (The law kit
/// knows the binary codec alone, which needs no other library.)
template <class T>
void expect_json(const T& value, auto& expect) {
    const nlohmann::json written = crdt::json::write(value);
    const auto read = crdt::json::try_read<T>(written);
    expect("JSON: decode(encode(x)) is x", read && *read == value);
    expect("JSON: equal values have equal bytes",
           read && crdt::json::write(*read).dump() == written.dump());
}

inline constexpr auto json_laws = [](const auto& state, auto& expect) {
    expect_json(state, expect);
    expect_json(digest(state), expect);
};

/// Holds L against all laws, those of the codecs among them.
template <class L, class Mutate>
void check_laws(Mutate mutate) {
    crdt::laws::Options options;
    options.cases = seeds(options.cases);
    options.long_steps = seeds(options.long_steps);
    const auto report = crdt::laws::check<L>(mutate, options, json_laws);
    CHECK_MESSAGE(report.ok(), report.text());
    CHECK(report.checks > 1000);
}

}  // namespace support
