// SPDX-License-Identifier: MIT
//! The JSON codec: readable, deterministic and versioned, for every type by composition.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <crdt/codec/json_causal.hpp>
#include <crdt/codec/json_codec.hpp>
#include <crdt/codec/json_lattice.hpp>
#include <crdt/codec/json_parse.hpp>
#include <crdt/codec/result.hpp>

// The forms, canonical: equal states have the same bytes.
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
//     document        {"type": "gcounter", "version": 1, "state": ...}

namespace crdt::json {

/// The version of the document form.
inline constexpr int document_version = 1;

/// `state` as a document of one line. O(size of the state).
template <class T>
std::string encode(const T& state) {
    return nlohmann::json{
        {"type", T::type_name}, {"version", document_version}, {"state", Codec<T>::encode(state)}}
        .dump();
}

/// Reads a document that encode() wrote. Never throws for what the text holds: anything else is
/// refused with a reason and its place.
template <class T>
Result<T> try_decode(std::string_view text) {
    auto document = parse(text);
    if (!document) return document.error();
    return try_decode_with([&] {
        const Path root;
        const auto& type = member(*document, "type", root);
        if (type != T::type_name) refuse("another type", Path(root, std::string_view("type")));
        if (member(*document, "version", root) != document_version)
            refuse("unknown version", Path(root, std::string_view("version")));
        const auto& state = member(*document, "state", root);
        if (document->size() != 3) refuse("more than type, version and state", root);
        return Codec<T>::decode(state, Path(root, std::string_view("state")));
    });
}

}  // namespace crdt::json
