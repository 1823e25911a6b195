// SPDX-License-Identifier: MIT
//! ResettableCounter: a counter that can be reset to zero, alone or in a map.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/detail/checked.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/total.hpp>

namespace crdt {

/// The read-only members of a ResettableCounter. The counter and its views derive from this class.
template <class Self, ReplicaId Id, UnsignedInteger Count>
class ResettableCounterReader {
  protected:
    /// The amount added, and the amount subtracted.
    using Tally = Product<Max<Count>, Max<Count>>;
    /// The two amounts at a dot, and how much of each amount was undone.
    using Slot = Product<Tally, Tally>;
    /// The slots at their dots.
    using Store = DotFun<Slot, Id>;

    /// Returns the additions (Sign 0) or the subtractions (Sign 1) that were not undone. Returns 0
    /// if more was undone than added: a delta may have an undone amount without the amount itself.
    template <std::size_t Sign>
    static Count left(const Slot& slot) {
        const Count done = slot.template get<0>().template get<Sign>().value();
        const Count undone = slot.template get<1>().template get<Sign>().value();
        return done > undone ? static_cast<Count>(done - undone) : Count{0};
    }
    /// Were both amounts at a dot undone?
    static bool is_undone(const Slot& slot) { return left<0>(slot) == 0 && left<1>(slot) == 0; }

  public:
    /// The type of totals.
    using value_type = std::make_signed_t<Count>;

    /// Returns the total. O(n). Throws std::overflow_error if the total does not fit value_type.
    value_type value() const {
        const Sums sums = this->sums();
        return detail::WideSum::narrow_difference<value_type>(
            sums.added, sums.subtracted,
            "ResettableCounter::value: the total does not fit the value type");
    }
    /// Returns the total, even if it does not fit value_type. O(n).
    Total total() const {
        const Sums sums = this->sums();
        return detail::total_of(sums.added, sums.subtracted);
    }

  private:
    struct Sums {
        detail::WideSum added, subtracted;
    };
    Sums sums() const {
        Sums sums;
        for (const auto& [dot, slot] : static_cast<const Self&>(*this).store()) {
            sums.added.add(left<0>(slot));
            sums.subtracted.add(left<1>(slot));
        }
        return sums;
    }
};

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class Id = std::string, class Count = std::uint64_t>
class ResettableCounter : detail::Refused<detail::flaw_of_counter<Id>(), Id, Count> {
};  // prints why

/// A counter with an exact observed reset: a reset undoes exactly the additions and subtractions
/// that the resetting replica has received.
///
/// State       the causal context, and for each replica a dot with four numbers: how much the
///             replica has added, how much it has subtracted, and how much of each was undone. When
///             one of these numbers would no longer fit a Count, the replica uses another dot
/// Order       the order of Causal, number by number at each dot;  join: the larger of each number
/// Bottom      no dots, empty context
/// Concurrent  additions all count; an addition survives a concurrent reset
/// Units       whole numbers. An argument of add or subtract must fit a Count. value_type is the
///             signed type with the size of Count. total() returns the total even if it does not
///             fit value_type
/// Cost        one entry per replica, however many additions there were. A reset immediately
///             removes the entry of the resetting replica. The entries of other replicas stay, with
///             their undone amounts, because those replicas may be adding concurrently. When such a
///             replica has received the reset, it can call compact(). compact() removes the
///             replica's entry and leaves only context. add, subtract O(log n); value, reset O(n)
/// Errors      add and subtract throw std::overflow_error if the amount exceeds Count, or when the
///             replica has used all 2^64 - 1 dots; the state is then unchanged; value throws
///             std::overflow_error if the total does not fit value_type
/// Threads     as a standard container
/// Source      Weidner, Almeida: An oblivious observed-reset embeddable replicated counter (PaPoC
///             2022). The paper describes the problem, and solves it for operations that arrive in
///             FIFO order
///
/// Example (tests/examples/resettable_counter.cpp):
///     crdt::ResettableCounter<> a;
///     a.add("a", 5);
///     crdt::ResettableCounter<> b = a;
///     a.add("a", 2);
///     b.reset("b");
///     a.merge(b);  // a.value() == 2
template <ReplicaId Id, UnsignedInteger Count>
class ResettableCounter<Id, Count>
    : public CausalType<
          ResettableCounter<Id, Count>,
          DotFun<Product<Product<Max<Count>, Max<Count>>, Product<Max<Count>, Max<Count>>>, Id>>,
      public ResettableCounterReader<ResettableCounter<Id, Count>, Id, Count> {
    using Reading = ResettableCounterReader<ResettableCounter, Id, Count>;
    using typename Reading::Slot;
    using typename Reading::Store;
    using typename Reading::Tally;

    static bool is_undone(const Slot& slot) { return Reading::is_undone(slot); }

    /// Returns the entry of the first dot of `id` in the store, or end() if there is none.
    auto own(const Id& id) const {
        const auto entry = this->store().lower_bound(detail::dot_ref(id, 0));
        return entry != this->store().end() && entry->first.replica == id ? entry
                                                                          : this->store().end();
    }

    /// Returns the entry of the first dot of `id` in the store at which a number can grow by
    /// `amount` and still fits a Count, or end() if there is none.
    template <std::size_t Sign>
    auto own_with_room(const Id& id, std::uint64_t amount) const {
        auto entry = own(id);
        while (entry != this->store().end() && entry->first.replica == id &&
               amount > std::uint64_t{(std::numeric_limits<Count>::max)()} -
                            entry->second.template get<0>().template get<Sign>().value())
            ++entry;
        return entry != this->store().end() && entry->first.replica == id ? entry
                                                                          : this->store().end();
    }

    template <std::size_t Sign>
    ResettableCounter add_to(const Id& id, std::uint64_t amount) {
        const auto entry = own_with_room<Sign>(id, amount);
        Slot slot = entry == this->store().end() ? Slot() : entry->second;
        const Slot delta = slot.template apply<0>([&](Tally& done) {
            return done.template apply<Sign>([&](Max<Count>& total) {
                return total.advance(detail::checked_add(
                    total.value(), amount, "ResettableCounter::add: the amount does not fit"));
            });
        });
        const Dot<Id> dot = entry == this->store().end() ? this->context().next(id) : entry->first;
        return this->change({}, {dot, delta});
    }

  public:
    /// The base class with the read-only members. Views of a value in a map or a record use it too.
    template <class Self>
    using Reader = ResettableCounterReader<Self, Id, Count>;
    /// The type of totals.
    using value_type = std::make_signed_t<Count>;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "resettable_counter";
    /// false, because reset() leaves undone amounts of other replicas. See CausalType.
    static constexpr bool reset_leaves_context_only = false;
    /// true, because a counter that was reset looks empty, although its store can have dots.
    static constexpr bool has_hidden_states = true;

    /// Adds `amount`, which may be negative. Returns the delta, which is bottom if `amount` is 0.
    /// O(log n). Throws std::overflow_error if the amount exceeds Count; the state is then
    /// unchanged.
    ResettableCounter add(const Id& id, Integer auto amount) {
        if (amount == 0) return {};
        return detail::is_negative(amount) ? add_to<1>(id, detail::magnitude(amount))
                                           : add_to<0>(id, detail::magnitude(amount));
    }

    /// Subtracts `amount`, which may be negative. The delta, cost and errors are those of add().
    ResettableCounter subtract(const Id& id, Integer auto amount) {
        if (amount == 0) return {};
        return detail::is_negative(amount) ? add_to<0>(id, detail::magnitude(amount))
                                           : add_to<1>(id, detail::magnitude(amount));
    }

    /// Undoes all additions and subtractions that this replica has received. Concurrent additions
    /// and subtractions stay. Returns the delta. `id` is the id of the calling replica. O(n).
    ResettableCounter reset(const Id& id) {
        DotSet<Id> removed;
        typename Store::Entries undone;
        for (const auto& [dot, slot] : this->store()) {
            if (dot.replica == id)
                removed.add(dot);
            else
                undone.push_back(dot, Slot(Tally(), slot.template get<0>()));
        }
        return this->change(std::move(removed), Store(std::move(undone)));
    }
    /// Removes the dots of `id` at which all amounts were undone. Returns the delta. The value does
    /// not change. `id` is the id of the calling replica. O(n).
    ResettableCounter compact(const Id& id) {
        DotSet<Id> removed;
        for (auto entry = own(id); entry != this->store().end() && entry->first.replica == id;
             ++entry) {
            if (is_undone(entry->second)) removed.add(entry->first);
        }
        return this->change(std::move(removed));
    }

    /// Were all additions and subtractions in `store` undone?
    static bool is_empty(const Store& store) {
        return std::all_of(store.begin(), store.end(),
                           [](const auto& entry) { return is_undone(entry.second); });
    }
    /// Does `store` have amounts that `id` has added or subtracted, and not only undone amounts?
    /// The context does not show whether such an amount is new, because an amount can grow at a dot
    /// that is already in the context. O(log n + dots of `id`).
    static bool has_amounts_of(const Store& store, const Id& id) {
        auto entry = store.lower_bound(detail::dot_ref(id, 0));
        for (; entry != store.end() && entry->first.replica == id; ++entry) {
            if (!entry->second.template get<0>().is_bottom()) return true;
        }
        return false;
    }
};

}  // namespace crdt
