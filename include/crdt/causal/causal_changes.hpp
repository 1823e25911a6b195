// SPDX-License-Identifier: MIT
//! CausalChanges: the changes that mutators make to a causal state.
#pragma once

#include <utility>

#include <crdt/causal/causal_context.hpp>
#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_store.hpp>
#include <crdt/detail/failure.hpp>

namespace crdt {

template <DotStore Store>
class Causal;

/// The changes that the mutators of the data types make. Each change keeps the store and the
/// context of a state consistent, and makes the delta. A Causal derives from this class.
template <class State, class Store>
class CausalChanges {
    using Id = typename Store::id_type;

    Store& store() noexcept { return static_cast<State&>(*this).store_; }
    CausalContext<Id>& context() noexcept { return static_cast<State&>(*this).context_; }

    /// Holds the value at `place`, and the shared context, while a mutator changes the value. The
    /// destructor moves both back into the state, also after an exception.
    template <class Value, class Place>
    class EditGuard {
        using Part = typename Value::store_type;

        State& state_;
        const Place& place_;
        Part& part_;
        Value value_;
        bool is_complete_ = false;

      public:
        EditGuard(State& state, const Place& place)
            : state_(state),
              place_(place),
              part_(state.store_.part_at(place)),
              value_(Value::from_lattice(
                  Causal<Part>(std::move(part_), std::move(state.context_), {}))) {}
        EditGuard(const EditGuard&) = delete;
        EditGuard& operator=(const EditGuard&) = delete;
        ~EditGuard() {
            auto edited = std::move(value_).release();
            part_ = std::move(edited.store_);
            state_.context_ = std::move(edited.context_);
            state_.store_.end_edit(place_);
            // An interrupted mutator may have changed any entry without updating the index.
            if (!is_complete_) state_.store_.drop_index();
        }
        Value& value() { return value_; }
        void complete() { is_complete_ = true; }
    };

  public:
    /// Makes the change of a mutator: removes the dots `removed`, and joins the content `added`,
    /// which is usually at a new dot. Returns the delta. O(size of the store), but O(log n) if
    /// `added` has one dot and either `removed` is empty or the store is a DotFun. If an allocation
    /// fails, nothing changes.
    State change(const DotSet<Id>& removed, Store added) {
        DotSet<Id> fresh = added.dots();
        constexpr bool removes_without_memory = noexcept(store().remove(removed));
        if (fresh.size() != 1 || !(removes_without_memory || removed.is_bottom()))
            return change_copy(removed, std::move(added));
        if (!are_disjoint(fresh, context())) {
            if (!removed.is_bottom()) return change_copy(removed, std::move(added));
            Store novel = store().absorb(added, context());
            if (novel.is_bottom()) return {};
            return State(std::move(novel), std::move(fresh), typename State::Consistent());
        }
        State delta(std::move(added), removed);
        context().add(fresh);
        detail::OnFailure rollback([&]() noexcept { context().erase(fresh); });
        store().merge_disjoint(delta.store_);
        rollback.dismiss();
        store().remove(removed);
        return delta;
    }

    /// Adds content at the new dots `dots`. First calls `find_place(store)`, while the context does
    /// not contain the dots. Then calls `add(store, added, dots, place)`, which must add the
    /// content to both `store` and `added`. `place` is the result of find_place. Sets `delta` to
    /// the delta of this change. Precondition: `delta` is bottom. If a call throws, it must leave
    /// the store unchanged. Then this state is unchanged too.
    template <class FindPlace, class Add>
    void insert_by(State& delta, const DotRange<Id>& dots, FindPlace&& find_place, Add&& add) {
        const auto place = find_place(store());
        delta.context_ = DotSet<Id>(dots);
        context().add(delta.context_);
        detail::OnFailure rollback([&]() noexcept { context().erase(delta.context_); });
        add(store(), delta.store_, dots, place);
        rollback.dismiss();
    }
    /// Changes content at dots of the store. `prepare(store, changes, dots)` puts the changed
    /// content into `changes`, and the dots of this content into `dots`. Passes the result of
    /// `prepare` to store.apply(), which makes the changes. Sets `delta` to the delta of this
    /// change. Precondition: `delta` is bottom. If an allocation fails, nothing changes.
    template <class Prepare>
    void update_by(State& delta, Prepare&& prepare) {
        store().apply(prepare(store(), delta.store_, delta.context_));
    }
    /// Replaces the store at `key` of a DotMap by `added`, or erases the key if `added` is bottom.
    /// Sets `delta` to the delta of this change. Preconditions: the dots in `added` are new, and
    /// `delta` is bottom. O(log n). If an allocation fails, nothing changes.
    template <class Key, class Part>
    void replace(State& delta, const Key& key, Part added) {
        const auto place = store().place_of(key);
        delta.context_ = added.dots();
        delta.store_.append(key, added);
        if (!place.is_there) return put(place, key, std::move(added), delta.context_);
        const DotSet<Id> fresh = delta.context_;
        delta.context_.merge(place.entry.value().dots());
        put(place, key, std::move(added), fresh);
    }
    /// Replaces the store at `key` of a DotMap by `next`. Precondition: `next` is the join of that
    /// store and `delta`, and the dots in the store of `delta` are new. Returns `delta`. O(log n).
    /// If an allocation fails, nothing changes.
    template <class Key, class Part>
    State revise(const Key& key, Part next, State delta) {
        put(store().place_of(key), key, std::move(next), delta.store_.dots());
        return delta;
    }

    /// Changes the value at `place`, which is a key of a DotMap or a Part of a DotTuple. `mutate`
    /// receives a Value, which has the store at `place` and the shared context. `mutate` changes
    /// the Value and returns the delta of the Value. apply() returns the delta of this state.
    /// Throws what `mutate` throws. If `mutate` throws before it changes the Value, the state is
    /// unchanged. O(log n) plus the cost of `mutate`.
    template <class Value, class Place, class Mutate>
    State apply(const Place& place, Mutate&& mutate) {
        Store changes = Store::with_room_at(place);  // first, so nothing fails after the mutation
        auto delta = edit<Value>(place, mutate).release();
        store().reindex(place, delta.store_, delta.context_);
        changes.fill(place, std::move(delta.store_));
        return State(std::move(changes), std::move(delta.context_), typename State::Consistent());
    }

  private:
    /// Makes the same change as change(), but on a copy of the store.
    State change_copy(const DotSet<Id>& removed, Store added) {
        const bool removes_all = store().dots().leq(removed);
        Store next = removes_all ? Store() : store();
        DotSet<Id> lost = store().dots_in(removed);
        if (!removes_all) next.remove(removed);
        State changes(next.absorb(added, context()), std::move(lost));
        changes.context_.merge(difference(removed, context()));
        const DotSet<Id> fresh = difference(changes.context_, context());
        if (fresh.range_count() > 1) {
            CausalContext<Id> larger = context();
            larger.merge(fresh);
            context() = std::move(larger);
        } else {
            context().merge(fresh);
        }
        store() = std::move(next);
        return changes;
    }
    /// Stores `next` at the position `place` of a DotMap. Adds `fresh`, the new dots in `next`, to
    /// the context.
    template <class Part>
    void put(const auto& place, const auto& key, Part&& next, const DotSet<Id>& fresh) {
        context().add(fresh);
        detail::OnFailure rollback([&]() noexcept { context().erase(fresh); });
        store().put(place, key, std::move(next));
        rollback.dismiss();
    }

    template <class Value, class Place, class Mutate>
    Value edit(const Place& place, Mutate& mutate) {
        EditGuard<Value, Place> guard(static_cast<State&>(*this), place);
        Value delta = mutate(guard.value());
        guard.complete();
        return delta;
    }

    /// Returns true, because this class has no data.
    friend bool operator==(const CausalChanges&, const CausalChanges&) = default;
};

}  // namespace crdt
