// SPDX-License-Identifier: MIT
//! What every type's law test needs: its mutator, and the codec as further laws.
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>

#include <doctest/doctest.h>

#include <crdt/codec/json.hpp>
#include <crdt/laws/check.hpp>

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

/// Inserts some element.
inline constexpr auto insert_anything = [](auto& set, std::size_t, crdt::laws::Choices& choices) {
    using Element = typename std::remove_reference_t<decltype(set)>::value_type;
    if constexpr (std::is_integral_v<Element>)
        return set.insert(choices.number<Element>());
    else
        return set.insert(Element(choices.below(3), static_cast<char>('a' + choices.below(3))));
};

/// Law 7: a codec gives back what it was given, and equal states have equal bytes.
inline constexpr auto json_laws = [](const auto& state, auto& expect) {
    using L = std::remove_cvref_t<decltype(state)>;
    const nlohmann::json written = crdt::json::write(state);
    const auto read = crdt::json::try_read<L>(written);
    expect("decode(encode(x)) is x", read && *read == state);
    expect("equal states have equal bytes",
           read && crdt::json::write(*read).dump() == written.dump());

    using Digest = crdt::DigestOf<L>;
    const Digest digested = digest(state);
    const auto digest_read = crdt::json::try_read<Digest>(crdt::json::write(digested));
    expect("decode(encode(digest)) is the digest", digest_read && *digest_read == digested);
};

/// Holds L against all laws, those of the JSON codec among them.
template <class L, class Mutate>
void check_laws(Mutate mutate) {
    const auto report = crdt::laws::check<L>(mutate, {}, json_laws);
    CHECK_MESSAGE(report.ok(), report.text());
    CHECK(report.checks > 1000);
}

}  // namespace support
