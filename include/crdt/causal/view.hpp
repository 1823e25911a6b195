// SPDX-License-Identifier: MIT
//! View: a causal value inside a map or a record, to be read.
#pragma once

#include <cstddef>
#include <cstdint>

#include <crdt/causal/causal.hpp>
#include <crdt/causal/causal_context.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

namespace detail {

/// What a value shows, as a base of Self; nothing if the type has no Reader.
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

/// A causal value inside a map or a record: it has all members of `Value` that read, and none that
/// change or merge. A nested value shares the context of the whole, so a copy of it, merged
/// elsewhere, would act there as removals; a view cannot be merged.
///
/// Cost     O(1) to make and to copy: it refers to the store
/// Lifetime until the map or the record changes or ends
/// Threads  as const access to a standard container
template <class Value>
class View : public detail::ReaderOf<Value, View<Value>>::type {
  public:
    using store_type = typename Value::store_type;
    using id_type = typename store_type::id_type;

  private:
    const store_type* store_;
    const CausalContext<id_type>* context_;

  public:
    /// Of that store under that context; both must outlive the view.
    View(const store_type& store, const CausalContext<id_type>& context)
        : store_(&store), context_(&context) {}

    /// The content in force.
    const store_type& store() const { return *store_; }
    /// The dots that the whole has seen.
    const CausalContext<id_type>& context() const { return *context_; }
    /// A copy as a state of its own, with the context of the whole: to be merged into the same key
    /// or field of another replica, or compared. Merged elsewhere, its context acts as removals.
    /// O(size of the value and of the context).
    Value copy_with_context() const { return Value::from_lattice(Causal(*store_, *context_)); }
    /// Is nothing visible?
    bool is_empty() const { return Value::is_empty(*store_); }

    /// Have two views the same content in force? O(n).
    friend bool operator==(const View& a, const View& b) { return *a.store_ == *b.store_; }
    /// O(n).
    friend std::uint64_t hash_value(const View& view) { return detail::hash_of(*view.store_); }
};

}  // namespace crdt
