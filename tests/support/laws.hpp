// SPDX-License-Identifier: MIT
//! Parts for the law tests of all types: mutators, and the laws of the JSON codec.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <type_traits>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/document.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/codec/json/nlohmann.hpp>
#include <crdt/laws/check.hpp>
#include <crdt/random.hpp>

#include "support/seeds.hpp"

namespace support {

/// Are texts in generated states so long that they allocate memory?
inline bool text_is_long = false;

/// Returns `text` as it is used in generated states.
inline std::string generated(std::string text) {
    if (text_is_long) text.append(30, '.');
    return text;
}

/// Replica ids of either kind.
template <class Id>
Id replica_id(std::size_t replica) {
    if constexpr (std::is_integral_v<Id>)
        return static_cast<Id>(replica);
    else
        return generated("r" + std::to_string(replica));
}

/// Adds a number of any sign and size. If the counter rejects it, the counter must be unchanged.
inline constexpr auto add_anything = [](auto& counter, std::size_t replica,
                                        crdt::laws::Choices& choices) {
    using Counter = std::remove_reference_t<decltype(counter)>;
    return counter.add(replica_id<typename Counter::id_type>(replica), choices.number<int>());
};

/// Inserts an element, usually one of a few, so that replicas insert the same elements.
inline constexpr auto insert_anything = [](auto& set, std::size_t, crdt::laws::Choices& choices) {
    using Element = typename std::remove_reference_t<decltype(set)>::value_type;
    if constexpr (std::is_integral_v<Element>)
        return set.insert(choices.number<Element>());
    else if (choices.below(4) == 3)
        return set.insert(Element("of many: ") + std::to_string(choices.below(10'000)));
    else
        return set.insert(
            generated(Element(choices.below(3), static_cast<char>('a' + choices.below(3)))));
};

/// Returns `bytes` with one byte changed, inserted, removed, or exchanged with the next. Inserted
/// bytes are from `alphabet`.
inline std::string changed(std::string bytes, std::string_view alphabet, crdt::Random& random) {
    const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(random.below(bytes.size()));
    switch (random.below(4)) {
        case 0: *at ^= static_cast<char>(1U << random.below(8)); break;
        case 1: bytes.insert(at, alphabet[random.below(alphabet.size())]); break;
        case 2: bytes.erase(at); break;
        default: std::iter_swap(at, at + 1 == bytes.end() ? at : at + 1); break;
    }
    return bytes;
}

/// Checks that the JSON codec returns the state that was encoded, and that equal states have equal
/// bytes. (The law kit checks only the binary codec.)
template <class T>
void expect_json(const T& value, auto& expect) {
    const std::string text = crdt::json::encode_value(value);
    const auto read = crdt::json::try_decode_value<T>(text);
    expect("JSON: decode(encode(x)) is x", read && *read == value);
    expect("JSON: equal values have equal bytes", read && crdt::json::encode_value(*read) == text);

    crdt::Random random(crdt::hash_value(text));
    constexpr std::string_view letters = " \n{}[]\":,0123456789-.eEabnrtuf\\";
    const auto parsed = crdt::json::parse(changed(text, letters, random));
    if (parsed) {
        const auto other = crdt::json::try_decode_value<T>(*parsed);
        expect("JSON: a value has one form",
               !other || crdt::json::encode_value(*other) == parsed->dump());
    }
    if constexpr (crdt::Document<T>) {
        const std::string document = crdt::json::encode(value);
        const auto decoded = crdt::json::try_decode<T>(document);
        expect("JSON: a document is read as it is written", decoded && *decoded == value);
        const std::string next = changed(document, letters, random);
        const auto other = crdt::json::try_decode<T>(next);
        expect("JSON: a document has one text", !other || crdt::json::encode(*other) == next);
    }
}

inline constexpr auto json_laws = [](const auto& state, auto& expect) {
    expect_json(state, expect);
    expect_json(digest(state), expect);
};

/// Checks all laws of L, including those of the codecs.
template <class L, class Mutate>
void check_laws(Mutate mutate, crdt::laws::Options options = {}) {
    options.cases = seeds(options.cases);
    options.long_steps = seeds(options.long_steps);
    const auto report = crdt::laws::check<L>(mutate, options, json_laws);
    CHECK_MESSAGE(report.ok(), report.text());
    CHECK(report.checks > 1000);
}

}  // namespace support
