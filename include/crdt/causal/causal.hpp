// SPDX-License-Identifier: MIT
//! Causal: a dot store and the context that its dots share, as a lattice. Here is the join of all
//! causal types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/causal/causal_context.hpp>
#include <crdt/causal/causal_digest.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_store.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>

namespace crdt {

/// A causal state: the content in force, and which events have been seen.
///
/// A dot names one event. A dot in the store is in force, with its content; a dot in the context
/// and not in the store was removed; a dot in neither has not been seen.
///
/// State   a dot store, and a causal context that has at least the store's dots; nested stores
///         share that one context
/// Order   dot by dot: not seen < in the store, in the order of its content < removed
/// Join    survivors = (A ∩ B) ∪ (A \ context B) ∪ (B \ context A), where A and B are the dots of
///         the two stores; the context is the union of both; at a dot of A ∩ B, contents are joined
/// Bottom  an empty store, nothing seen
/// Cost    m against n: O(m log n) for merge and absorb, m being the size of the other state: a
///         small delta costs little however large this state is
/// Errors  none of its own. If memory runs out, merge and absorb leave a part of the join, which a
///         later merge completes; a mutator changes nothing
/// Threads as a standard container
/// Source  Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), 7.2; Enes,
///         Almeida, Baquero, Leitão: Efficient synchronization of state-based CRDTs (ICDE 2019)
template <DotStore Store>
class Causal {
  public:
    /// The dot store, which holds the content in force.
    using store_type = Store;
    /// The type of replica ids.
    using id_type = typename Store::id_type;
    /// What digest() returns: dots without content, and the context.
    using Digest = CausalDigest<typename Store::Digest, id_type>;

  private:
    using Id = id_type;

    Store store_;
    CausalContext<Id> context_;

    template <DotStore>
    friend class Causal;

    struct Consistent {};
    /// Precondition: the context has all dots of the store.
    Causal(Store&& store, CausalContext<Id>&& context, Consistent)
        : store_(std::move(store)), context_(std::move(context)) {}

    /// The dots that have been seen and are not in the store.
    DotSet<Id> removed() const { return difference(context_, store_.dots()); }
    bool is_unseen(const DotSet<Id>& dots) const {
        return intersection(dots, context_).is_bottom();
    }

    template <class By>
    std::size_t count() const {
        return detail::saturating_add(store_.template count_parts_of<By>(), By::count(removed()));
    }
    template <class By, class Visit>
    void visit_parts(Visit& visit) const {
        store_.template visit_parts_of<By>([&](const Store& part) { visit(Causal(part)); });
        By::decompose_each(removed(),
                           [&](const DotSet<Id>& dots) { visit(Causal(Store{}, dots)); });
    }
    template <class Content>
    static DotSet<Id> within(const Content& content, const DotSet<Id>& dots) {
        if constexpr (DotStore<Content>)
            return content.dots_in(dots);
        else
            return detail::dots_in(content, dots);
    }

    /// What a state with this `content` (a store or its digest) and this context lacks of this one.
    template <class Content>
    Causal missing_at(const Content& content, const CausalContext<Id>& seen) const {
        const DotSet<Id> removed = this->removed();
        Causal result(store_.missing_at(content, seen), difference(removed, seen));
        result.context_.merge(within(content, removed));
        return result;
    }

  public:
    /// Nothing in force, nothing seen.
    Causal() = default;
    /// The state with the content of `store` in force; all other dots of `context` are removed.
    explicit Causal(Store store, CausalContext<Id> context = {})
        : store_(std::move(store)), context_(std::move(context)) {
        context_.merge(store_.dots());
    }

    /// A copy.
    Causal(const Causal&) = default;
    /// The same state; the other can then be assigned to or destroyed, and no more.
    Causal(Causal&&) = default;
    /// Copies all of it or, if there is no memory, nothing.
    Causal& operator=(const Causal& other) { return *this = Causal(other); }
    /// Moves; see the move constructor.
    Causal& operator=(Causal&&) = default;

    /// The content in force.
    const Store& store() const { return store_; }
    /// The dots that have been seen, in force or removed.
    const CausalContext<Id>& context() const { return context_; }

    /// this := this ⊔ other; true iff this grew. See Join and Cost above.
    bool merge(const Causal& other) {
        if (!is_unseen(other.store_.dots())) return !absorb(other).is_bottom();
        // A ∩ B and A \ context B are what is left of A; B \ context A is all of B.
        detail::OnFailure restoring([this]() noexcept { restore_context(); });
        const DotSet<Id> removed = other.removed();
        bool grew = !other.store_.is_bottom();
        if (!removed.is_bottom()) {
            const DotSet<Id> lost = store_.dots_in(removed);
            store_.remove(lost);
            grew |= !lost.is_bottom() || !removed.leq(context_);
        }
        store_.merge_disjoint(other.store_);
        context_.merge(other.context_);
        restoring.dismiss();
        return grew;
    }
    /// The same; returns what was new to this: Δ(other, this before).
    Causal absorb(const Causal& other) {
        detail::OnFailure restoring([this]() noexcept { restore_context(); });
        const DotSet<Id> removed = other.removed();
        DotSet<Id> lost = store_.dots_in(removed);
        store_.remove(lost);
        Causal delta(store_.absorb(other.store_, context_), std::move(lost));
        delta.context_.merge(difference(removed, context_));
        context_.merge(other.context_);
        restoring.dismiss();
        return delta;
    }
    /// this ⊑ other. O(n log n).
    bool leq(const Causal& other) const {
        return context_.leq(other.context_) && other.store_.dots_in(removed()).is_bottom() &&
               store_.leq_on_common(other.store_);
    }
    /// Has nothing been seen?
    bool is_bottom() const { return context_.is_bottom(); }

    /// What a mutator does: removes dots and joins the content `added`, mostly at a new dot.
    /// Returns the delta. O(log n) for one new dot where the store is a DotFun or nothing is
    /// removed; else O(size of the store). If there is no memory, nothing changes.
    Causal change(const DotSet<Id>& removed, Store added) {
        DotSet<Id> fresh = added.dots();
        constexpr bool removes_without_memory = noexcept(store_.remove(removed));
        if (fresh.size() != 1 || !(removes_without_memory || removed.is_bottom()))
            return change_copy(removed, std::move(added));
        if (!is_unseen(fresh)) {
            if (!removed.is_bottom()) return change_copy(removed, std::move(added));
            Store novel = store_.absorb(added, context_);
            if (novel.is_bottom()) return {};
            return Causal(std::move(novel), std::move(fresh), Consistent());
        }
        Causal delta(std::move(added), removed);
        context_.merge(fresh);
        detail::OnFailure rollback([&]() noexcept { context_.erase(fresh); });
        store_.merge_disjoint(delta.store_);
        rollback.dismiss();
        store_.remove(removed);
        return delta;
    }

    /// Of a DotMap: puts `added` in the place of the store at `key`; if it is bottom, erases the
    /// key. The dots in `added` are new. Returns the delta. O(log n). If there is no memory,
    /// nothing changes.
    template <class Key, class Part>
    Causal replace(const Key& key, Part added) {
        const auto place = store_.place_of(key);
        const DotSet<Id> fresh = added.dots();
        CausalContext<Id> changed = store_.dots_at(place);
        changed.merge(fresh);
        Causal delta(Store(key, added), std::move(changed), Consistent());
        put(place, key, std::move(added), fresh);
        return delta;
    }
    /// Of a DotMap: puts `next` in the place of the store at `key`. It is the join of that store
    /// and of `delta`; the dots in the store of `delta` are new. Returns `delta`. O(log n). If
    /// there is no memory, nothing changes.
    template <class Key, class Part>
    Causal revise(const Key& key, Part next, Causal delta) {
        put(store_.place_of(key), key, std::move(next), delta.store_.dots());
        return delta;
    }

    /// Runs a mutator of the value at `place`, a key of a DotMap or a Part of a DotTuple: `mutate`
    /// is given that value, with the shared context, as a Value; it makes one mutation and returns
    /// its delta. Returns the delta of this state. Throws what `mutate` throws; unchanged if that
    /// is the first thing that it did. O(log n) beyond `mutate`.
    template <class Value, class Place, class Mutate>
    Causal apply(const Place& place, Mutate&& mutate) {
        auto named = store_.name_of(place);  // copied before anything changes
        auto delta = edit<Value>(place, mutate).release();
        store_.reindex(place, delta.store_, delta.context_);
        return Causal(Store(std::move(named), std::move(delta.store_)), std::move(delta.context_),
                      Consistent());
    }

    /// Have both the same content in force, and seen the same dots?
    friend bool operator==(const Causal&, const Causal&) = default;
    /// Are the two in conflict: does one dot have two contents? Then two replicas have written
    /// under one id.
    friend bool conflicts(const Causal& a, const Causal& b) requires detail::CanConflict<Store> {
        return conflicts(a.store_, b.store_);
    }
    /// The least d with d ⊔ b = a ⊔ b. O(n log n).
    friend Causal difference(const Causal& a, const Causal& b) {
        return a.missing_at(b.store_, b.context_);
    }
    /// The same, against a digest of b.
    friend Causal difference(const Causal& a, const Digest& b) {
        return a.missing_at(b.dots, b.context);
    }
    /// All that difference() reads of `a`. O(n).
    friend Digest digest(const Causal& a) {
        Digest result{{}, a.context_};
        a.store_.add_digest_to(result.dots);
        return result;
    }
    /// The number of join-irreducible parts, or the greatest std::size_t. O(n).
    friend std::size_t part_count(const Causal& a) { return a.template count<detail::ByParts>(); }
    /// How often decompose_by_ranges() calls visit. O(n).
    friend std::size_t range_count(const Causal& a) { return a.template count<detail::ByRanges>(); }
    /// A stable hash: the same for equal states, on every platform. O(n).
    friend std::uint64_t hash_value(const Causal& a) {
        return hash_combine(detail::hash_of(a.store_), detail::hash_of(a.context_));
    }
    /// Calls visit(part) for each part of the content at each dot, and for each removed dot.
    template <class Visit>
    friend void decompose(const Causal& a, Visit&& visit) {
        a.template visit_parts<detail::ByParts>(visit);
    }
    /// The same, with one part for each range of dots of the store or of the removed dots.
    template <class Visit>
    friend void decompose_by_ranges(const Causal& a, Visit&& visit) {
        a.template visit_parts<detail::ByRanges>(visit);
    }

  private:
    /// change(), on a copy of the store.
    Causal change_copy(const DotSet<Id>& removed, Store added) {
        const bool removes_all = store_.dots().leq(removed);
        Store next = removes_all ? Store() : store_;
        DotSet<Id> lost = store_.dots_in(removed);
        if (!removes_all) next.remove(removed);
        Causal changes(next.absorb(added, context_), std::move(lost));
        changes.context_.merge(difference(removed, context_));
        const DotSet<Id> fresh = difference(changes.context_, context_);
        if (fresh.range_count() > 1) {
            CausalContext<Id> context = context_;
            context.merge(fresh);
            context_ = std::move(context);
        } else {
            context_.merge(fresh);
        }
        store_ = std::move(next);
        return changes;
    }
    /// Puts `next` at a place of a DotMap, and `fresh`, the new dots in it, into the context.
    void put(const auto& place, const auto& key, auto next, const DotSet<Id>& fresh) {
        context_.merge(fresh);
        detail::OnFailure rollback([&]() noexcept { context_.erase(fresh); });
        store_.put(place, key, std::move(next));
        rollback.dismiss();
    }
    /// After a join that was interrupted: every dot of the store is in the context again.
    void restore_context() noexcept {
        detail::attempt([this] { context_.merge(store_.dots()); });
    }

    /// Holds the value at a place, with the shared context, while a mutator changes it. Its
    /// destructor puts both back, also after an exception.
    template <class Value, class Place>
    class EditGuard {
        using Part = typename Value::store_type;

        Causal& state_;
        const Place& place_;
        Part& part_;
        Value value_;
        bool is_complete_ = false;

      public:
        EditGuard(Causal& state, const Place& place)
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
            // An interrupted mutator may have changed any entry.
            if (!is_complete_) state_.store_.drop_index();
        }
        Value& value() { return value_; }
        void complete() { is_complete_ = true; }
    };

    template <class Value, class Place, class Mutate>
    Value edit(const Place& place, Mutate& mutate) {
        EditGuard<Value, Place> guard(*this, place);
        Value delta = mutate(guard.value());
        guard.complete();
        return delta;
    }
};

}  // namespace crdt
