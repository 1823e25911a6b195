// SPDX-License-Identifier: MIT
//! View: a read-only causal value in a map or a record.
#pragma once

#include <cstddef>
#include <cstdint>

#include <crdt/causal/causal.hpp>
#include <crdt/causal/causal_context.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

namespace detail {

/// The base class of the view Self. It is the Reader of `Value`, or an empty class if `Value` has
/// no Reader.
template <class Value, class Self>
struct ReaderOf {
    class type {};
};
template <class Value, class Self>
    requires requires { typename Value::template Reader<Self>; }
struct ReaderOf<Value, Self> {
    using type = typename Value::template Reader<Self>;
};

}  // namespace detail

/// A read-only causal value in a map or a record. A view has all read-only members of `Value`, and
/// no members that change or merge it. A nested value shares the context of the whole map or
/// record. If a copy with this context were merged into another state, the context would remove
/// content of that state. For this reason a view cannot be merged.
///
/// Cost     O(1) to make and to copy, because a view refers to the store
/// Lifetime until the map or the record changes or is destroyed
/// Threads  as const access to a standard container
template <class Value>
class View : public detail::ReaderOf<Value, View<Value>>::type {
  public:
    /// The dot store, which has the current content.
    using store_type = typename Value::store_type;
    /// The type of replica ids.
    using id_type = typename store_type::id_type;

  private:
    const store_type* store_;
    const CausalContext<id_type>* context_;

  public:
    /// Makes a view of `store` with `context`. Both must outlive the view.
    View(const store_type& store, const CausalContext<id_type>& context)
        : store_(&store), context_(&context) {}

    /// Returns the current content.
    const store_type& store() const { return *store_; }
    /// Returns the context of the map or record.
    const CausalContext<id_type>& context() const { return *context_; }
    /// Returns a copy as a separate state, with the context of the whole map or record. The copy
    /// can be compared, or merged into the value at the same key or field of another replica. If
    /// the copy is merged into any other state, its context removes content of that state.
    /// O(size of the value and of the context).
    Value copy_with_context() const { return Value::from_lattice(Causal(*store_, *context_)); }
    /// Is nothing visible?
    bool is_empty() const { return Value::is_empty(*store_); }

    /// Do two views have the same current content? O(n).
    friend bool operator==(const View& a, const View& b) { return *a.store_ == *b.store_; }
    /// Returns a stable hash: equal views have the same hash on every platform. O(n).
    friend std::uint64_t hash_value(const View& view) { return detail::hash_of(*view.store_); }
};

namespace detail {

template <class Value>
inline constexpr bool is_value_of_library<View<Value>> = true;

}  // namespace detail

}  // namespace crdt
