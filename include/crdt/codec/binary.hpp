// SPDX-License-Identifier: MIT
//! The binary codec: compact, canonical and versioned, for all serializable types.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <crdt/codec/binary/reader.hpp>
#include <crdt/codec/binary/writer.hpp>
#include <crdt/codec/document.hpp>
#include <crdt/codec/expected.hpp>

// The serialized values are canonical: equal states have the same bytes, and the decoders accept no
// other bytes.
//
//     u64             LEB128 of minimal length; also all counts, lengths and numbers of dots
//     i64             zigzag (0, -1, 1, -2, ...), then as u64
//     boolean         a byte, 0 or 1
//     string          length in bytes, bytes
//     name            the id of a replica, in dots and stamps. First it is written as 0 and the
//                     string, later as its number: 1 for the first name of the document or message.
//                     A name of more than 127 bytes has no number and is written in full each time
//     keys            in ascending order. If keys are whole numbers, each key after the first is
//                     written as the count of numbers between the key before and this key
//     total order     the value;  time: its components
//     write once      boolean, value
//     map             count, then key and value of each;  set: count, then the keys
//     product, lex    the components in order
//     linear sum      boolean (upper?), the side's state;  unit: a byte, 0
//     dots            count of ranges; for a range of one dot: 2, name, number; for a longer range:
//                     3, name, first, last
//     dots to states  count; for each: name, number, state
//     causal          store, context; its digest: dots of the store, context
//     document        version, name of the type, state

namespace crdt::binary {

/// Returns `value` as bytes, without its type or a version. O(size of the value).
template <Serializable T>
std::string encode_value(const T& value) {
    std::string bytes;
    Writer writer(bytes);
    serialize(writer, value);
    writer.finish();
    return bytes;
}

/// Returns the size in bytes of encode_value(value). O(size of the value). Allocates only for
/// names.
template <Serializable T>
std::size_t size(const T& value) {
    ByteCount count;
    Writer writer(count);
    serialize(writer, value);
    writer.finish();
    return count.size();
}

/// Calls `read` with a Reader of `bytes`. Fails if `read` fails or does not read all bytes.
template <class Read>
auto try_decode_with(std::string_view bytes, Read&& read)
    -> Expected<std::invoke_result_t<Read, Reader&>> {
    Reader reader(bytes);
    // The result is made in place, because the move of a small delta would take a tenth of the time
    // that reading the delta takes.
    auto result = Expected<std::invoke_result_t<Read, Reader&>>::of([&] { return read(reader); });
    if (reader.ok()) reader.expect_eof();
    if (!reader.ok()) result.fail(*reader.error());
    return result;
}

/// Reads what encode_value() wrote. Rejects any other input with a reason and a position. Never
/// throws for malformed input. O(size of the input).
template <Serializable T>
Expected<T> try_decode_value(std::string_view bytes) {
    return try_decode_with(bytes, [](Reader& in) { return deserialize<T>(in); });
}

/// Returns `state` as a document, with the name of its type and a version. O(size of the state).
template <Document T>
std::string encode(const T& state) {
    static_assert(sizeof(crdt::detail::Refused<crdt::detail::flaw_of_document<T>(), T>) >
                  0);  // names the reason
    std::string bytes;
    Writer writer(bytes);
    write_document(writer, state);
    writer.finish();
    return bytes;
}

/// Reads a document that encode() wrote. Rejects any other input with a reason and a position.
/// Never throws for malformed input. O(size of the input).
template <Document T>
Expected<T> try_decode(std::string_view bytes) {
    return try_decode_with(bytes, [](Reader& in) { return read_document<T>(in); });
}

}  // namespace crdt::binary
