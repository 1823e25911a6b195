// SPDX-License-Identifier: MIT
//! ListReader: the read-only members of a List, and its iterator.
#pragma once

#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

#include <crdt/causal/dot_set.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/detail/shared.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/fugue_order.hpp>

namespace crdt {

/// The iterator of a List. It visits the values in the order of the list. ++ is O(1). Every change
/// of the list invalidates the iterator.
template <class T, ReplicaId Id>
class ListIterator {
    using Order = detail::FugueOrder<T, Id>;

    detail::Shared<Order> order_{};  // empty in an iterator at the end
    std::size_t index_ = 0;

    bool is_end() const { return !order_ || index_ == order_->size(); }

    template <class Self, Value V, ReplicaId OtherId>
    friend class ListReader;
    /// Makes an iterator at the first value.
    explicit ListIterator(Order order) : order_(std::move(order)) {}

  public:
    /// The type of values.
    using value_type = T;
    /// A const reference, because values cannot be changed in place.
    using reference = const T&;
    /// A pointer to a value.
    using pointer = const T*;
    /// The standard library needs this type.
    using difference_type = std::ptrdiff_t;
    /// A list is read with forward iterators.
    using iterator_category = std::forward_iterator_tag;

    /// Makes an iterator at the end of every list.
    ListIterator() = default;

    /// Returns the value.
    reference operator*() const { return order_->value(index_); }
    /// Returns a pointer to the value.
    pointer operator->() const { return &**this; }
    /// Goes to the next value.
    ListIterator& operator++() {
        ++index_;
        return *this;
    }
    /// Goes to the next value, and returns the old position.
    ListIterator operator++(int) {
        ListIterator before = *this;
        ++*this;
        return before;
    }
    /// Are both iterators at the end, or at the same index?
    friend bool operator==(const ListIterator& a, const ListIterator& b) {
        if (a.is_end() || b.is_end()) return a.is_end() == b.is_end();
        return a.index_ == b.index_;
    }
};

/// The read-only members of a List. The list and its views derive from this class.
template <class Self, Value T, ReplicaId Id>
class ListReader {
    using Order = detail::FugueOrder<T, Id>;

    const Self& self() const { return static_cast<const Self&>(*this); }
    Order order() const { return Order(self().store(), self().context()); }

  public:
    /// The type of values.
    using value_type = T;
    /// The iterator. It visits the values in the order of the list.
    using const_iterator = ListIterator<T, Id>;
    /// The same as const_iterator: values cannot be changed in place.
    using iterator = const_iterator;

    /// Returns the number of values. O(n log n).
    std::size_t size() const { return order().size(); }
    /// Does the list show no value? O(n log n).
    bool empty() const { return size() == 0; }
    /// Returns value `index`. O(n log n): to read several values, use the iterators. Throws
    /// std::out_of_range if the list has no such value.
    T at(std::size_t index) const {
        const Order all = order();
        if (index >= all.size()) throw_out_of_range("List::at", index, all.size());
        return all.value(index);
    }
    /// Returns the number of values that cannot be shown yet. Such a value waits for its origin, or
    /// for the slot beside which it was inserted. O(n log n).
    std::size_t waiting() const { return order().waiting(); }
    /// Returns the dots of the erased slots that the state still contains. O(n).
    DotSet<Id> erased() const {
        DotSet<Id> dots;
        for (const auto& [dot, slot] : self().store())
            if (slot.template get<1>().is_upper()) dots.add(dot);
        return dots;
    }
    /// Returns the position of the first value. O(n log n).
    const_iterator begin() const { return const_iterator(order()); }
    /// Returns the position past the last value. O(1).
    const_iterator end() const { return {}; }

  protected:
    /// Throws std::out_of_range. The message names `operation`, `index` and `size`.
    [[noreturn]] static void throw_out_of_range(const char* operation, std::size_t index,
                                                std::size_t size) {
        detail::throw_or_abort<std::out_of_range>((std::string(operation) + ": index " +
                                                   std::to_string(index) + " in a list of " +
                                                   std::to_string(size) + " values")
                                                      .c_str());
    }
};

}  // namespace crdt
