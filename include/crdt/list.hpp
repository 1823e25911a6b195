// SPDX-License-Identifier: MIT
//! List: a sequence of values, in which concurrent inserts at one place do not interleave.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/detail/cached_count.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/detail/range_of.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/fugue_order.hpp>
#include <crdt/sequence/list_reader.hpp>
#include <crdt/sequence/origin.hpp>

namespace crdt {

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class T, class Id = std::string>
class List : detail::Refused<detail::flaw_of_register<T, Id>(), T, Id> {};  // prints why

/// A list of values of any type.
///
/// State       the causal context, and a slot for each insert. A slot was inserted at a place
///             beside another slot. This place is the origin of the slot. A slot has a value until
///             the value is erased
/// Order       the order of Causal. At each dot, a slot with its value < the same slot after its
///             value was erased;  join: at each dot, the greater slot
/// Bottom      no values, empty context
/// Concurrent  all inserts at one place are kept, one after the other. Values that one replica
///             inserts forwards or backwards are not interleaved with values of other replicas. An
///             erase erases values that the erasing replica has received. reset(), and the erase of
///             a key of an ORMap, remove all slots that the calling replica has received, but no
///             concurrent inserts
/// Cost        O(n log n) for each insert, erase and read, where n is the number of slots. An
///             erased value leaves a slot with its origin, until compact() removes the slot. For
///             text, use Text
/// Errors      insert, erase and at throw std::out_of_range for an index past the end; insert
///             throws std::overflow_error when the replica has used all 2^64 - 1 dots; the state is
///             then unchanged
/// Iterators   in the order of the list, invalidated by every change;  Threads  as a standard
///             container
/// Beware      reset() and the erase of a key remove slots. If another replica concurrently inserts
///             values beside these slots, the values stay, but their order can change
/// Source      Weidner, Kleppmann: The Art of the Fugue (2023)
///
/// Example (tests/examples/list.cpp):
///     crdt::List<std::string> a("a", {"bread", "milk"});
///     crdt::List<std::string> b = a;
///     a.insert("a", 1, "figs");
///     b.erase(0);
///     b.insert("b", 1, "tea");
///     a.merge(b);  // figs, milk, tea
template <Value T, ReplicaId Id>
class List<T, Id> : public CausalType<List<T, Id>, DotFun<ListSlot<T, Id>, Id>>,
                    public ListReader<List<T, Id>, T, Id> {
    using Base = CausalType<List, DotFun<ListSlot<T, Id>, Id>>;
    using Store = DotFun<ListSlot<T, Id>, Id>;
    using Content = LinearSum<WriteOnce<T>, Unit>;
    using Order = detail::FugueOrder<T, Id>;

    detail::CachedCount size_;

    /// Inserts `values`, in their order, before value `index`.
    List insert_all(const Id& id, std::size_t index, auto&& values) {
        const Order order(this->store(), this->context());
        if (index > order.size()) this->throw_out_of_range("List::insert", index, order.size());
        Origin<Id> origin = order.origin_at(index);
        Dot<Id> dot = this->context().next(id);
        typename Store::Entries entries;
        for (const auto& value : values) {
            if (dot.sequence == 0)
                detail::throw_or_abort<std::overflow_error>(
                    "List::insert: the replica has used all 2^64 - 1 dots");
            entries.push_back(dot, ListSlot<T, Id>(WriteOnce<Origin<Id>>(origin),
                                                   Content::from_lower(WriteOnce<T>(value))));
            origin = {dot, Side::right};
            ++dot.sequence;
        }
        List delta = this->change({}, Store(std::move(entries)));
        size_.invalidate();
        return delta;
    }

  public:
    /// The base class with the read-only members. Views of a value in a map or a record use it too.
    template <class Self>
    using Reader = ListReader<Self, T, Id>;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "list";
    /// true, because a list looks empty when all its values are erased, although it still has
    /// slots.
    static constexpr bool has_hidden_states = true;

    /// Makes the empty list.
    List() = default;
    /// Makes the list in which `id` has inserted these values. O(n log n).
    List(const Id& id, std::initializer_list<T> values) { insert_all(id, 0, values); }
    /// Makes the list in which `id` has inserted the values of a range. O(n log n).
    template <detail::RangeOf<T, List> Range>
    List(const Id& id, Range&& range) {
        insert_all(id, 0, range);
    }

    /// Inserts `value` before value `index`, or after the last value if `index` is size(). Returns
    /// the delta: one new dot. O(n log n). Throws std::out_of_range if `index` is greater than
    /// size(), and std::overflow_error after 2^64 - 1 writes of `id`; the state is then unchanged.
    List insert(const Id& id, std::size_t index, const T& value) {
        return insert_all(id, index, std::initializer_list<T>{value});
    }
    /// Erases `count` values from value `index` on. Returns the delta. The state drops the values,
    /// but keeps their slots until compact(). O(n log n). Throws std::out_of_range if the list has
    /// fewer than `count` values from `index` on; the state is then unchanged.
    List erase(std::size_t index, std::size_t count = 1) {
        const Order order(this->store(), this->context());
        if (index > order.size() || count > order.size() - index)
            this->throw_out_of_range("List::erase", index + count, order.size());
        std::vector<Dot<Id>> dots;
        for (std::size_t i = 0; i < count; ++i) dots.push_back(order.dot(index + i));
        std::sort(dots.begin(), dots.end());
        typename Store::Entries entries;
        for (Dot<Id>& dot : dots) {
            entries.push_back(std::move(dot), ListSlot<T, Id>(WriteOnce<Origin<Id>>(),
                                                              Content::from_upper(Unit())));
        }
        List delta = this->change({}, Store(std::move(entries)));
        size_.invalidate();
        return delta;
    }
    /// Erases all values that this replica has received. Returns the delta. O(n log n).
    List clear() { return erase(0, size()); }
    /// Removes all slots that this replica has received. Concurrent inserts stay. Returns the
    /// delta. O(n).
    List reset(const Id& id) {
        List delta = Base::reset(id);
        size_.invalidate();
        return delta;
    }
    /// Removes the erased slots with dots in `stable`. If the place of another slot depends on an
    /// erased slot, the erased slot stays. Returns the delta. O(n log n).
    ///
    /// `stable` should be an earlier result of erased(). Call compact() only when two conditions
    /// hold: all replicas have received these erasures, and this replica has received everything
    /// that the other replicas wrote before they received these erasures. Then compact() moves no
    /// value. If `stable` contains more dots, replicas still converge and no value is lost, but
    /// values that are inserted concurrently beside a removed slot can move.
    List compact(const DotSet<Id>& stable) {
        return this->change(Order(this->store(), this->context()).removable(stable));
    }

    /// this := this ⊔ other. Returns true iff this grew. See Causal.
    bool merge(const List& other) {
        return size_.around_join([&] { return Base::merge(other); });
    }
    /// Merges `other`. Returns the delta: the part of `other` that this state lacked. See Causal.
    List absorb(const List& other) {
        size_.invalidate();
        return Base::absorb(other);
    }

    /// Returns the number of values. O(1), but O(n log n) once after each change.
    std::size_t size() const {
        return size_.get_or([this] { return Reader<List>::size(); });
    }
    /// Does the list show no value? Costs as much as size().
    bool empty() const { return size() == 0; }
    /// Does `store` contain no value?
    static bool is_empty(const Store& store) {
        return std::none_of(store.begin(), store.end(), [](const auto& entry) {
            return entry.second.template get<1>().lower().has_value();
        });
    }
};

}  // namespace crdt
