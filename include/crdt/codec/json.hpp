// SPDX-License-Identifier: MIT
//! The JSON codec: readable, deterministic and versioned, for every type by composition.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <crdt/codec/document.hpp>
#include <crdt/codec/expected.hpp>
#include <crdt/codec/json/parse.hpp>
#include <crdt/codec/json/reader.hpp>
#include <crdt/codec/json/writer.hpp>

// The forms, canonical: equal states have the same bytes, and try_decode() takes no others. Values
// that stand in the documents of other programs, such as the bodies of Maelstrom's messages, are
// laid out by those: there all is as it must be but white space, escapes and the order of members.
//
//     chain, once     its value; null if not written        3
//     map             object, where keys are text           {"n1": 3}
//                     pairs in ascending order, else        [[1, 3], [2, 5]]
//     set             keys in ascending order               [1, 2]        (a map to Max<bool>)
//     product, lex    array of the components               [3, 1]
//     linear sum      the side it is on                     {"upper": null}
//     maximals        the elements in ascending order       [[1, 0], [0, 1]]
//     time, stamp     wall, logical, replica                [1003, 7, "a"]
//     dots            ranges in ascending order             [["a", 1, 5], ["b", 7]]
//     dots to states  triples in ascending order            [["a", 6, "red"]]
//     dot product     array of the stores
//     causal          {"store": ..., "context": dots}; its digest: {"live": ..., "context": dots}
//     document        {"state":...,"type":"gcounter","version":1}

namespace crdt::json {

namespace detail {

/// What is not UTF-8 is treated as `on_error` says.
template <Document T>
std::string document_text(const T& state, nlohmann::json::error_handler_t on_error) {
    nlohmann::json document;
    Writer writer(document);
    write_document(writer, state);
    return document.dump(-1, ' ', false, on_error);
}

}  // namespace detail

/// `state` as a document of one line. O(size of the state). Text in it must be UTF-8; other bytes
/// throw nlohmann::json::type_error.
template <Document T>
std::string encode(const T& state) {
    static_assert(sizeof(crdt::detail::Refused<crdt::detail::flaw_of_document<T>(), T>) > 0);
    return detail::document_text(state, nlohmann::json::error_handler_t::strict);
}

/// Reads a document in whatever way its text is laid out: with white space, escapes, or members in
/// another order, which other programs make of it. Never throws for what the text holds: what is
/// not the document of a T is refused with a reason and its place.
template <Document T>
Expected<T> try_decode_any_layout(std::string_view text) {
    const auto document = parse(text);
    if (!document) return document.error();
    return try_decode_with(*document, [](Reader& in) { return read_document<T>(in); });
}

/// Reads a document that encode() wrote, byte for byte: a state has one document. Never throws for
/// what the text holds: anything else is refused with a reason and its place.
template <Document T>
Expected<T> try_decode(std::string_view text) {
    auto state = try_decode_any_layout<T>(text);
    if (!state) return state;
    const std::string canonical =
        detail::document_text(*state, nlohmann::json::error_handler_t::replace);
    if (text == canonical) return state;
    const auto difference =
        std::mismatch(text.begin(), text.end(), canonical.begin(), canonical.end()).first;
    return DecodeError{"not in canonical form",
                       "byte " + std::to_string(difference - text.begin())};
}

}  // namespace crdt::json
