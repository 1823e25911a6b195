// SPDX-License-Identifier: MIT
//! Documents: a state with its type's name and the version of its form, for all codecs.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include <crdt/codec/form.hpp>
#include <crdt/codec/form_causal.hpp>
#include <crdt/codec/form_lattice.hpp>

namespace crdt {

/// The version of the forms of all states.
inline constexpr std::uint64_t document_version = 1;

/// A type that has a name in documents.
template <class T>
concept Documented = HasForm<T> && requires {
    { T::type_name } -> std::convertible_to<std::string_view>;
};

/// Writes `state` with its type's name and the version of its form.
template <Documented T>
void write_document(auto& out, const T& state) {
    out.begin_members();
    write_form(out.member("version"), document_version);
    write_form(out.member("type"), std::string(T::type_name));
    write_form(out.member("state"), state);
}

/// Reads such a document; refuses one of another type or version.
template <Documented T>
T read_document(auto& in) {
    in.begin_members({"version", "type", "state"});
    expect_version(in.member("version"), document_version);
    auto&& type = in.member("type");
    if (type.text() != T::type_name) type.refuse("another type");
    return read_form<T>(in.member("state"));
}

}  // namespace crdt
