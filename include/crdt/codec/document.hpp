// SPDX-License-Identifier: MIT
//! Documents, for all codecs. A document is a state with the name of its type and a version.
#pragma once

#include <cstdint>
#include <string>

#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/forms/lattice.hpp>
#include <crdt/codec/forms/sequence.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/codec/type_name.hpp>

namespace crdt {

/// The version of documents. One number stands for the versions of all serializers and of all names
/// of types.
inline constexpr std::uint64_t document_version = 2;

/// A type that can be written as a document: it has a serializer and a name.
template <class T>
concept Document = Serializable<T> && HasOwnName<T>;

/// Writes `state` with the name of its type (see type_name()) and document_version.
template <Document T>
void write_document(auto& out, const T& state) {
    out.begin_struct();
    serialize(out.member("version"), document_version);
    serialize(out.member("type"), type_name<T>());
    serialize(out.member("state"), state);
}

/// Reads a document. Fails if the document has another type or another version.
template <Document T>
T read_document(auto& in) {
    in.begin_struct({"version", "type", "state"});
    expect_version(in.member("version"), document_version);
    auto&& type = in.member("type");
    if (type.string() != type_name<T>()) type.fail(("expected the type " + type_name<T>()).c_str());
    return deserialize<T>(in.member("state"));
}

}  // namespace crdt
