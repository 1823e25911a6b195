// SPDX-License-Identifier: MIT
//! Field: a named field of a Record.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <crdt/codec/type_name.hpp>

namespace crdt {

/// The name of a field: a string literal that is used as a template argument.
template <std::size_t Size>
struct FieldName {
    /// The characters, with the terminating zero.
    char text[Size] = {};

    /// Makes the name from a literal.
    constexpr FieldName(const char (&literal)[Size]) {
        for (std::size_t i = 0; i < Size; ++i) text[i] = literal[i];
    }
    /// Returns the name.
    constexpr std::string_view view() const { return {text, Size - 1}; }
};

/// A field of a Record: its name, and the causal type of its value.
template <FieldName Name, class Value>
class Field {
  private:
    static constexpr auto text = Name;  // a copy: in clang 14, a constant cannot point into Name

  public:
    /// The causal type of the value.
    using value_type = Value;
    /// The name.
    static constexpr std::string_view name = text.view();
};

namespace detail {

template <class... F>
struct FieldNames {
    static constexpr std::string_view list[sizeof...(F)] = {F::name...};

    /// Returns the index of a name in the list, or sizeof...(F) if the list lacks the name.
    static constexpr std::size_t index_of(std::string_view name) {
        std::size_t index = 0;
        while (index < sizeof...(F) && !are_equal(list[index], name)) ++index;
        return index;
    }
    /// Compares character by character, because clang 14 accepts no other comparison in constant
    /// expressions.
    static constexpr bool are_equal(std::string_view a, std::string_view b) {
        if (a.size() != b.size()) return false;
        for (std::size_t i = 0; i < a.size(); ++i)
            if (a[i] != b[i]) return false;
        return true;
    }
    static constexpr bool are_distinct() {
        for (std::size_t i = 0; i < sizeof...(F); ++i)
            if (index_of(list[i]) != i) return false;
        return true;
    }
};

}  // namespace detail

/// The type name of a field: its name and the type name of its value, such as
/// "title:mvregister<text,text>".
template <FieldName Name, class Value>
struct TypeName<Field<Name, Value>> {
    /// Does the field have a type name? The value must have a type name, and the name of the field
    /// must contain none of ":<>(),".
    static constexpr bool is_named = TypeName<Value>::is_named && detail::is_word(Name.view()) &&
                                     Name.view().find(':') == std::string_view::npos;
    /// Returns the name.
    static std::string make() { return std::string(Name.view()) + ':' + crdt::type_name<Value>(); }
};

}  // namespace crdt
