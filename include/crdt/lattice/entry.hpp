// SPDX-License-Identifier: MIT
//! Entry: a key and its value, as an iterator of a map shows them.
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <version>

#include <crdt/detail/cpp20.hpp>

namespace crdt {

#if __cpp_lib_tuple_like >= 202207L
/// A key and its value. `Shown` is a reference to the value, or a view of it.
template <class K, class Shown>
using Entry = std::pair<const K&, Shown>;
#else
/// A key and its value, as `first` and `second`. An Entry works with structured bindings and
/// std::views::keys, and can be copied to a std::map. `Shown` is a reference to the value, or a
/// view of it.
template <class K, class Shown>
struct Entry : std::pair<const K&, Shown> {
    using std::pair<const K&, Shown>::pair;
};
#endif

namespace detail {

/// The result of `iterator->` if `*iterator` returns a new object.
template <class Entry>
struct EntryPointer {
    Entry entry;
    const Entry* operator->() const { return &entry; }
};

}  // namespace detail
}  // namespace crdt

#if !(__cpp_lib_tuple_like >= 202207L)
/// @cond
// Makes an Entry work in std::ranges. From C++23 on, the standard library defines the same for
// std::pair.
template <class K, class Shown>
struct std::tuple_size<crdt::Entry<K, Shown>> : std::integral_constant<std::size_t, 2> {};
template <std::size_t Index, class K, class Shown>
struct std::tuple_element<Index, crdt::Entry<K, Shown>>
    : std::tuple_element<Index, std::pair<const K&, Shown>> {};
template <class K, class V, template <class> class Qualifiers, template <class> class Others>
struct std::basic_common_reference<crdt::Entry<K, const V&>, std::pair<K, V>, Qualifiers, Others> {
    using type = crdt::Entry<K, const V&>;
};
template <class K, class V, template <class> class Qualifiers, template <class> class Others>
struct std::basic_common_reference<std::pair<K, V>, crdt::Entry<K, const V&>, Qualifiers, Others> {
    using type = crdt::Entry<K, const V&>;
};
/// @endcond
#endif
