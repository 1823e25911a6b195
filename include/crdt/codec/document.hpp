// SPDX-License-Identifier: MIT
//! Documents: a state with the name of its type and the version of its form, for all codecs.
#pragma once

#include <cstdint>
#include <string>

#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/forms/lattice.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/codec/type_name.hpp>

namespace crdt {

/// The version of the forms of all states, and of the names of their types.
inline constexpr std::uint64_t document_version = 2;

/// What can be a document: a type with a serializer and a name.
template <class T>
concept Document = Serializable<T> && HasOwnName<T>;

/// Writes `state` with the name of its type, see type_name(), and the version of its form.
template <Document T>
void write_document(auto& out, const T& state) {
    out.begin_struct();
    serialize(out.member("version"), document_version);
    serialize(out.member("type"), type_name<T>());
    serialize(out.member("state"), state);
}

/// Reads such a document; refuses one of another type or version.
template <Document T>
T read_document(auto& in) {
    in.begin_struct({"version", "type", "state"});
    expect_version(in.member("version"), document_version);
    auto&& type = in.member("type");
    if (type.string() != type_name<T>()) type.fail(("another type than " + type_name<T>()).c_str());
    return deserialize<T>(in.member("state"));
}

}  // namespace crdt
