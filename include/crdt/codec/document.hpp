// SPDX-License-Identifier: MIT
//! Documents: a state with the name of its type and the version of its form, for all codecs.
#pragma once

#include <cstdint>
#include <string>

#include <crdt/codec/form.hpp>
#include <crdt/codec/form_causal.hpp>
#include <crdt/codec/form_lattice.hpp>
#include <crdt/codec/type_name.hpp>

namespace crdt {

/// The version of the forms of all states, and of the names of their types.
inline constexpr std::uint64_t document_version = 2;

/// A type that has a name of its own in documents. If one of its arguments has none, what uses the
/// name does not compile, and says so.
template <class T>
concept Documented = HasForm<T> && HasOwnName<T>;

/// Writes `state` with the name of its type, see type_name(), and the version of its form.
template <Documented T>
void write_document(auto& out, const T& state) {
    static_assert(sizeof(detail::NotNamed<T>) > 0);  // says why
    out.begin_members();
    write_form(out.member("version"), document_version);
    write_form(out.member("type"), type_name<T>());
    write_form(out.member("state"), state);
}

/// Reads such a document; refuses one of another type or version.
template <Documented T>
T read_document(auto& in) {
    in.begin_members({"version", "type", "state"});
    expect_version(in.member("version"), document_version);
    auto&& type = in.member("type");
    if (type.text() != type_name<T>()) type.refuse(("another type than " + type_name<T>()).c_str());
    return read_form<T>(in.member("state"));
}

}  // namespace crdt
