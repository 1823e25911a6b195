// SPDX-License-Identifier: MIT
//! The JSON codec: readable, deterministic and versioned, for all serializable types.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <crdt/codec/document.hpp>
#include <crdt/codec/expected.hpp>
#include <crdt/codec/json/input.hpp>
#include <crdt/codec/json/reader.hpp>
#include <crdt/codec/json/writer.hpp>

// The table shows the JSON of each type. The JSON is canonical: equal states have the same bytes,
// and try_decode() accepts no other bytes. A value can also be inside a document of another
// program, such as the body of a Maelstrom message. try_decode_value() reads such a value, even if
// its white space, its escapes and the order of its members are not canonical.
//
//     total order     the value                             3
//     write once      the value; null if not written        3
//     map, text keys  object                                {"n1": 3}
//     other maps      pairs in ascending order              [[1, 3], [2, 5]]
//     set             keys in ascending order               [1, 2]        (a map to Max<bool>)
//     product, lex    array of the components               [3, 1]
//     linear sum      the side and its state                {"upper": null}
//     antichain       the elements in ascending order       [[1, 0], [0, 1]]
//     time, stamp     wall, logical, replica                [1003, 7, "a"]
//     dots            ranges in ascending order             [["a", 1, 5], ["b", 7]]
//     dots to states  triples in ascending order            [["a", 6, "red"]]
//     dot tuple       array of the stores
//     causal          {"store": ..., "context": dots}; its digest: {"live": ..., "context": dots}
//     document        {"state":...,"type":"gcounter<text,u64>","version":2}

namespace crdt::json {

namespace detail {

/// Calls `write` with a Writer. Returns the text that was written.
template <class Write>
std::string text_of(Write&& write, IllFormedUtf8 policy) {
    std::string text;
    Output output(text, policy);
    auto root = output.root();
    write(root);
    output.finish();
    return text;
}

template <Document T>
std::string document_text(const T& state, IllFormedUtf8 policy) {
    return text_of([&](Writer& out) { write_document(out, state); }, policy);
}

}  // namespace detail

/// Returns `value` as JSON, without its type or a version. O(size of the value). `policy` decides
/// what happens to strings that are not UTF-8.
template <Serializable T>
std::string encode_value(const T& value, IllFormedUtf8 policy = IllFormedUtf8::throws) {
    return detail::text_of([&](Writer& out) { serialize(out, value); }, policy);
}

/// Calls `read` with a Reader of the whole `text`. Fails if `text` is malformed or `read` fails.
template <class Read>
auto try_decode_with(std::string_view text, Read&& read)
    -> Expected<std::invoke_result_t<Read, Reader&>> {
    Input input;
    if (!input.parse(text)) return input.error();
    return try_decode_with(input, Input::root, std::forward<Read>(read));
}

/// Reads a T from JSON in any layout; see try_decode_any_layout().
template <Serializable T>
Expected<T> try_decode_value(std::string_view text) {
    return try_decode_with(text, [](Reader& in) { return deserialize<T>(in); });
}

/// Returns `state` as a JSON document of one line. O(size of the state). Throws
/// std::invalid_argument if a string is not valid UTF-8.
template <Document T>
std::string encode(const T& state) {
    static_assert(sizeof(crdt::detail::Refused<crdt::detail::flaw_of_document<T>(), T>) >
                  0);  // names the reason
    return detail::document_text(state, IllFormedUtf8::throws);
}

/// Reads a document of a T in any layout: white space, escapes and the order of members may differ
/// from the text that encode() returns. Rejects any other input with a reason and a position. Never
/// throws for malformed input.
template <Document T>
Expected<T> try_decode_any_layout(std::string_view text) {
    return try_decode_with(text, [](Reader& in) { return read_document<T>(in); });
}

/// Reads a document that encode() wrote. Each state has exactly one such document. Rejects any
/// other input with a reason and a position. Never throws for malformed input.
template <Document T>
Expected<T> try_decode(std::string_view text) {
    auto state = try_decode_any_layout<T>(text);
    if (!state) return state;
    const std::string canonical = detail::document_text(*state, IllFormedUtf8::is_replaced);
    if (text == canonical) return state;
    const auto difference =
        std::mismatch(text.begin(), text.end(), canonical.begin(), canonical.end()).first;
    return DecodeError{"not in canonical form",
                       "byte " + std::to_string(difference - text.begin())};
}

}  // namespace crdt::json
