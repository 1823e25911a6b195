// SPDX-License-Identifier: MIT
//! Causal: a dot store and the context that its dots share, as a lattice.
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
#include <crdt/detail/raise.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>

namespace crdt {

/// A causal state: what is in force, and what has been seen.
///
/// State   a dot store, and a causal context that holds at least its dots; every nested store
///         shares that one context
/// Order   dot by dot: not seen < live, in the order of its content < dead
/// Join    dot by dot: dead in one is dead; live in one and not seen in the other is live
/// Bottom  nothing seen
/// Cost    m against n: O(m log n) for merge and absorb, m being the size of the other state: a
///         small delta costs little however large this state is
/// Source  Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), 7.2; Enes,
///         Almeida, Baquero, Leitão: Efficient synchronization of state-based CRDTs (ICDE 2019)
/// Errors  none of its own. If memory runs out, merge and absorb leave a part of the join, which a
///         later merge completes; a mutator changes nothing.
template <DotStore Store>
class Causal {
  public:
    using store_type = Store;
    using id_type = typename Store::id_type;
    using Digest = CausalDigest<typename Store::Digest, id_type>;

  private:
    using Id = id_type;

    Store store_;
    CausalContext<Id> context_;

    template <DotStore>
    friend class Causal;

    struct Consistent {};
    /// The context has all dots of the store.
    Causal(Store&& store, CausalContext<Id>&& context, Consistent)
        : store_(std::move(store)), context_(std::move(context)) {}

    DotSet<Id> dead() const { return difference(context_, store_.live()); }
    bool is_unseen(const DotSet<Id>& dots) const {
        return intersection(dots, context_).is_bottom();
    }

    template <class By>
    std::size_t count() const {
        return detail::saturating_add(store_.template live_count<By>(), By::count(dead()));
    }
    template <class By, class Visit>
    void visit_parts(Visit& visit) const {
        store_.template decompose_live<By>([&](const Store& part) { visit(Causal(part)); });
        By::decompose_each(dead(), [&](const DotSet<Id>& dots) { visit(Causal(Store{}, dots)); });
    }
    template <class Live>
    static DotSet<Id> within(const Live& live, const DotSet<Id>& dots) {
        if constexpr (DotStore<Live>)
            return live.live_within(dots);
        else
            return detail::live_within(live, dots);
    }

    /// What `live` and `seen` lack of this.
    template <class Live>
    Causal unknown_to(const Live& live, const CausalContext<Id>& seen) const {
        const DotSet<Id> dead = this->dead();
        Causal result(store_.unknown_to(live, seen), difference(dead, seen));
        result.context_.merge(within(live, dead));
        return result;
    }

  public:
    Causal() = default;
    /// The state in which `store` lives and the rest of `context` is dead.
    explicit Causal(Store store, CausalContext<Id> context = {})
        : store_(std::move(store)), context_(std::move(context)) {
        context_.merge(store_.live());
    }

    /// A copy.
    Causal(const Causal&) = default;
    /// The same state; the other may then be assigned to or end, and no more.
    Causal(Causal&&) = default;
    /// All of it or, if there is no memory, nothing.
    Causal& operator=(const Causal& other) { return *this = Causal(other); }
    /// The same.
    Causal& operator=(Causal&&) = default;

    const Store& store() const { return store_; }
    const CausalContext<Id>& context() const { return context_; }

    bool merge(const Causal& other) {
        if (!is_unseen(other.store_.live())) return !absorb(other).is_bottom();
        detail::OnFailure settling([this]() noexcept { settle(); });
        const DotSet<Id> dead = other.dead();
        bool grew = !other.store_.is_bottom();
        if (!dead.is_bottom()) {
            const DotSet<Id> died = store_.live_within(dead);
            store_.remove(died);
            grew |= !died.is_bottom() || !dead.leq(context_);
        }
        store_.take(other.store_);
        context_.merge(other.context_);
        settling.dismiss();
        return grew;
    }
    Causal absorb(const Causal& other) {
        detail::OnFailure settling([this]() noexcept { settle(); });
        const DotSet<Id> dead = other.dead();
        DotSet<Id> died = store_.live_within(dead);
        store_.remove(died);
        Causal delta(store_.absorb(other.store_, context_), std::move(died));
        delta.context_.merge(difference(dead, context_));
        context_.merge(other.context_);
        settling.dismiss();
        return delta;
    }
    bool leq(const Causal& other) const {
        return context_.leq(other.context_) && other.store_.live_within(dead()).is_bottom() &&
               store_.content_leq(other.store_);
    }
    bool is_bottom() const { return context_.is_bottom(); }

    /// What a mutator does: lets live dots die, and joins what it has `born`, mostly at a new dot.
    /// Returns the delta. O(log n) for one new dot where the store is a DotFun or none dies; else
    /// O(size of the store). If there is no memory, nothing changes.
    Causal change(const DotSet<Id>& dying, Store born) {
        DotSet<Id> live = born.live();
        constexpr bool removes_without_memory = noexcept(store_.remove(dying));
        if (live.size() != 1 || !(removes_without_memory || dying.is_bottom()))
            return change_copy(dying, std::move(born));
        if (!is_unseen(live)) {
            if (!dying.is_bottom()) return change_copy(dying, std::move(born));
            Store novel = store_.absorb(born, context_);
            if (novel.is_bottom()) return {};
            return Causal(std::move(novel), std::move(live), Consistent());
        }
        Causal delta(std::move(born), dying);
        context_.merge(live);
        detail::OnFailure forgetting([&]() noexcept { context_.uncover(live); });
        store_.take(delta.store_);
        forgetting.dismiss();
        store_.remove(dying);
        return delta;
    }

    /// Of a DotMap: puts `born`, whose dots are new, in the place of what is at `key`; nothing, if
    /// it is bottom. Returns the delta. O(log n). If there is no memory, nothing changes.
    template <class Key, class Part>
    Causal replace(const Key& key, Part born) {
        const auto place = store_.place_of(key);
        const DotSet<Id> live = born.live();
        CausalContext<Id> changed = store_.live_at(place);
        changed.merge(live);
        Causal delta(Store(key, born), std::move(changed), Consistent());
        put(place, key, std::move(born), live);
        return delta;
    }
    /// Of a DotMap: puts `next` in the place of what is at `key`; it is the join of that and of
    /// `delta`, whose live dots are new. Returns `delta`. O(log n). If there is no memory, nothing
    /// changes.
    template <class Key, class Part>
    Causal revise(const Key& key, Part next, Causal delta) {
        put(store_.place_of(key), key, std::move(next), delta.store_.live());
        return delta;
    }

    /// Runs a mutator of the value at `place`, a key of a DotMap or a Part of a DotProduct:
    /// `mutate` is given that value, with the shared context, as a Value; it does one mutation and
    /// returns its delta. Returns the delta of this. Throws what `mutate` throws;
    /// unchanged, if that is the first thing that it did. O(log n) beyond `mutate`.
    template <class Value, class Place, class Mutate>
    Causal apply(const Place& place, Mutate&& mutate) {
        auto named = store_.name_of(place);  // copied before anything changes
        auto delta = lend<Value>(place, mutate).release();
        store_.reindex(place, delta.store_, delta.context_);
        return Causal(Store(std::move(named), std::move(delta.store_)), std::move(delta.context_),
                      Consistent());
    }

    friend bool operator==(const Causal&, const Causal&) = default;
    /// Does a dot have two contents? Then two replicas have acted under one id.
    friend bool conflicts(const Causal& a, const Causal& b) requires detail::CanConflict<Store> {
        return conflicts(a.store_, b.store_);
    }
    friend Causal difference(const Causal& a, const Causal& b) {
        return a.unknown_to(b.store_, b.context_);
    }
    friend Causal difference(const Causal& a, const Digest& b) {
        return a.unknown_to(b.live, b.context);
    }
    friend Digest digest(const Causal& a) {
        Digest result{{}, a.context_};
        a.store_.add_digest_to(result.live);
        return result;
    }
    /// O(n).
    friend std::size_t part_count(const Causal& a) { return a.template count<detail::ByParts>(); }
    friend std::size_t range_count(const Causal& a) { return a.template count<detail::ByRanges>(); }
    friend std::uint64_t hash_value(const Causal& a) {
        return hash_combine(detail::hash_of(a.store_), detail::hash_of(a.context_));
    }
    /// A part for each part of a live dot's content, and one for each dead dot.
    template <class Visit>
    friend void decompose(const Causal& a, Visit&& visit) {
        a.template visit_parts<detail::ByParts>(visit);
    }
    /// The same with a part for each range of dots that is as one in the store or the context.
    template <class Visit>
    friend void decompose_by_ranges(const Causal& a, Visit&& visit) {
        a.template visit_parts<detail::ByRanges>(visit);
    }

  private:
    /// The same on a copy of the store.
    Causal change_copy(const DotSet<Id>& dying, Store born) {
        const bool dies_whole = store_.live().leq(dying);
        Store next = dies_whole ? Store() : store_;
        DotSet<Id> died = store_.live_within(dying);
        if (!dies_whole) next.remove(dying);
        Causal delta(next.absorb(born, context_), std::move(died));
        delta.context_.merge(difference(dying, context_));
        const DotSet<Id> fresh = difference(delta.context_, context_);
        if (fresh.range_count() > 1) {
            CausalContext<Id> context = context_;
            context.merge(fresh);
            context_ = std::move(context);
        } else {
            context_.merge(fresh);
        }
        store_ = std::move(next);
        return delta;
    }
    /// Puts `next` at a place of a DotMap, and `fresh`, the new dots in it, into the context.
    void put(const auto& place, const auto& key, auto next, const DotSet<Id>& fresh) {
        context_.merge(fresh);
        detail::OnFailure forgetting([&]() noexcept { context_.uncover(fresh); });
        store_.put(place, key, std::move(next));
        forgetting.dismiss();
    }
    /// Every live dot is in the context again, after a join that was broken off.
    void settle() noexcept {
        detail::attempt([this] { context_.merge(store_.live()); });
    }

    /// Lends the value at `place`, and takes it back whatever happens.
    template <class Value, class Place, class Mutate>
    Value lend(const Place& place, Mutate& mutate) {
        using Part = typename Value::store_type;
        struct Loan {
            Causal& lender;
            const Place& place;
            Part& part;
            Value value;
            bool is_complete = false;

            ~Loan() {
                auto state = std::move(value).release();
                part = std::move(state.store_);
                lender.context_ = std::move(state.context_);
                lender.store_.settle(place);
                // What was done before it was broken off is not known.
                if (!is_complete) lender.store_.drop_index();
            }
        };
        Part& part = store_.borrow(place);
        Causal<Part> state(std::move(part), std::move(context_), {});
        Loan loan{*this, place, part, Value::from_lattice(std::move(state))};
        Value delta = mutate(loan.value);
        loan.is_complete = true;
        return delta;
    }
};

}  // namespace crdt
