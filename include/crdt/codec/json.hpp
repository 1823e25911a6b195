// SPDX-License-Identifier: MIT
//! The JSON codec: readable, deterministic and versioned, for every type by composition.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <crdt/codec/document.hpp>
#include <crdt/codec/json_parse.hpp>
#include <crdt/codec/json_reader.hpp>
#include <crdt/codec/json_writer.hpp>
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

/// `state` as a document of one line. O(size of the state). Text in it must be UTF-8; other bytes
/// throw nlohmann::json::type_error.
template <Documented T>
std::string encode(const T& state) {
    nlohmann::json document;
    Writer writer(document);
    write_document(writer, state);
    return document.dump();
}

/// Reads a document that encode() wrote. Never throws for what the text holds: anything else is
/// refused with a reason and its place.
template <Documented T>
Result<T> try_decode(std::string_view text) {
    const auto document = parse(text);
    if (!document) return document.error();
    return try_read_with(*document, [](Reader& in) { return read_document<T>(in); });
}

}  // namespace crdt::json
