// SPDX-License-Identifier: MIT
//! Causal: a lattice that consists of a dot store and a causal context. This file has the join of
//! all causal types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <crdt/causal/causal_changes.hpp>
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

/// A causal state: the current content, and the context, which names all events that the state has
/// received.
///
/// A dot names one event. A current dot is in the store, with its content. A dot in the context but
/// not in the store was removed. If a dot is not in the context, its event has not been received.
///
/// State   a dot store, and a causal context that has at least the store's dots; nested stores
///         share this context
/// Order   dot by dot: not received < in the store < removed. At a dot that is in both stores, the
///         order of the contents
/// Join    survivors = (A ∩ B) ∪ (A \ context B) ∪ (B \ context A), where A and B are the dots of
///         the two stores. The context is the union of the two contexts. At a dot of A ∩ B, the
///         contents are joined
/// Bottom  an empty store, empty context
/// Cost    O(m log n) for merge and absorb, where m is the size of the other state and n is the
///         size of this state: a small delta costs little, even if this state is large
/// Errors  only errors of the content. If memory runs out, a mutator changes nothing, but merge and
///         absorb may join only some of the content. A later merge joins the missing content
/// Threads as a standard container
/// Source  Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), 7.2; Enes,
///         Almeida, Baquero, Leitão: Efficient synchronization of state-based CRDTs (ICDE 2019)
template <DotStore Store>
class Causal : public CausalChanges<Causal<Store>, Store> {
  public:
    /// The dot store, which has the current content.
    using store_type = Store;
    /// The type of replica ids.
    using id_type = typename Store::id_type;
    /// The type that digest() returns. It has the context and the dots of the store. Content that
    /// can change is represented by its digest.
    using Digest = CausalDigest<typename Store::Digest, id_type>;

  private:
    using Id = id_type;

    /// Does the store have dots without content? If so, a join changes no content at dots that are
    /// already in the store.
    static constexpr bool has_only_dots = std::is_same_v<Store, DotSet<Id>>;

    Store store_;
    CausalContext<Id> context_;

    template <class, class>
    friend class CausalChanges;

    struct Consistent {};
    /// Precondition: the context has all dots of the store.
    Causal(Store&& store, CausalContext<Id>&& context, Consistent)
        : store_(std::move(store)), context_(std::move(context)) {}

    /// Returns the removed dots, which are in the context but not in the store.
    DotSet<Id> removed() const { return removed(store_.dots()); }
    /// Does the same. `dots` must be the dots of the store.
    DotSet<Id> removed(const DotSet<Id>& dots) const {
        // Most deltas remove nothing.
        return context_ == dots ? DotSet<Id>() : difference(context_, dots);
    }

    template <class By>
    std::size_t count() const {
        std::size_t total = store_.template count_parts_of<By>();
        const DotSet<Id>& dots = store_.dots();
        if (context_ == dots) return total;
        context_.visit_difference(dots, [&](const auto& range) {
            total = detail::saturating_add(total, By::count(range));
        });
        return total;
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

    /// Returns the part of this state that another state lacks. `content` is the store of the other
    /// state, or the digest of that store. `seen` is the context of the other state.
    template <class Content>
    Causal missing_at(const Content& content, const CausalContext<Id>& seen) const {
        const DotSet<Id> removed = this->removed();
        Causal result(store_.missing_at(content, seen), difference(removed, seen));
        result.context_.merge(within(content, removed));
        return result;
    }

  public:
    /// Makes an empty store with an empty context.
    Causal() = default;
    /// Makes the state with the content of `store`. The context of the state is the union of
    /// `context` and the dots of `store`. A dot that is in `context` and not in `store` counts as
    /// removed.
    explicit Causal(const Store& store, CausalContext<Id> context = {})
        : Causal(Store(store), std::move(context)) {}
    /// Does the same, but moves `store`.
    explicit Causal(Store&& store, CausalContext<Id> context = {})
        : store_(std::move(store)), context_(std::move(context)) {
        if (context_.is_bottom())
            context_ = store_.dots();
        else
            context_.merge(store_.dots());
    }

    /// Calls `fill(store, context)`, which sets the content and the context. Afterwards, the
    /// context must have all dots of the store. If `fill` throws, the object can only be assigned
    /// to or destroyed.
    template <class Fill>
    void fill(Fill&& fill) {
        fill(store_, context_);
    }

    /// A copy.
    Causal(const Causal&) = default;
    /// Moves the state. Afterwards, the moved-from object can only be assigned to or destroyed.
    Causal(Causal&&) = default;
    /// Copies `other`. If an allocation fails, throws and changes nothing.
    Causal& operator=(const Causal& other) { return *this = Causal(other); }
    /// Moves; see the move constructor.
    Causal& operator=(Causal&&) = default;

    /// Returns the current content.
    const Store& store() const { return store_; }
    /// Returns the context: the dots of the store and the removed dots.
    const CausalContext<Id>& context() const { return context_; }

    /// this := this ⊔ other. Returns true iff this grew. See Join and Cost above.
    bool merge(const Causal& other) {
        detail::OnFailure restoring([this]() noexcept { restore_context(); });
        const Overlap known = other.context_.overlap_with(context_);
        const bool is_known = known == Overlap::all;
        bool grew = !is_known;
        if (known == Overlap::none) {
            // A is this store, and B is the other store. No event of the other state has been
            // received. So B \ context A is all of B, and A \ context B is all of A.
            store_.merge_disjoint(other.store_);
        } else {
            const DotSet<Id> dots = other.store_.dots(), removed = other.removed(dots);
            if (!removed.is_bottom()) {
                const DotSet<Id> lost = store_.dots_in(removed);
                store_.remove(lost);
                grew |= !lost.is_bottom();
            }
            // If no dot of B is in the context of A, then B \ context A is all of B. If the other
            // state has no removed dots, this is impossible: its context consists of the dots of B,
            // and some of these dots are in the context of A.
            if (!is_known && !removed.is_bottom() && are_disjoint(dots, context_))
                store_.merge_disjoint(other.store_);
            else if (!is_known || !has_only_dots)
                grew |= detail::join_store(store_, other.store_, context_);
        }
        if (!is_known) context_.add(other.context_);
        restoring.dismiss();
        return grew;
    }
    /// Merges `other`. Returns the delta: the part of `other` that this state lacked.
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
    /// Is the context empty?
    bool is_bottom() const { return context_.is_bottom(); }

    /// Do both have the same current content and the same context?
    friend bool operator==(const Causal&, const Causal&) = default;
    /// Does one dot have different contents in `a` and `b`? If so, two replicas have written under
    /// one id.
    friend bool conflicts(const Causal& a, const Causal& b) requires detail::CanConflict<Store> {
        return conflicts(a.store_, b.store_);
    }
    /// Returns the least d with d ⊔ b = a ⊔ b. O(n log n).
    friend Causal difference(const Causal& a, const Causal& b) {
        return a.missing_at(b.store_, b.context_);
    }
    /// Returns the same. `b` is the digest of the other state.
    friend Causal difference(const Causal& a, const Digest& b) {
        return a.missing_at(b.dots, b.context);
    }
    /// Returns the digest of `a`: everything that difference() needs of `a`. O(n).
    friend Digest digest(const Causal& a) {
        Digest result{{}, a.context_};
        a.store_.add_digest_to(result.dots);
        return result;
    }
    /// Returns the number of join-irreducible parts, limited to the greatest std::size_t. O(n).
    friend std::size_t part_count(const Causal& a) { return a.template count<detail::ByParts>(); }
    /// Returns how often decompose_by_ranges() calls visit. O(n).
    friend std::size_t range_count(const Causal& a) { return a.template count<detail::ByRanges>(); }
    /// Returns a stable hash: equal states have the same hash on every platform. O(n).
    friend std::uint64_t hash_value(const Causal& a) {
        return hash_combine(detail::hash_of(a.store_), detail::hash_of(a.context_));
    }
    /// Calls visit(part) for each part of the content at each dot, and for each removed dot.
    template <class Visit>
    friend void decompose(const Causal& a, Visit&& visit) {
        a.template visit_parts<detail::ByParts>(visit);
    }
    /// Like decompose(), but calls visit only once for each range of dots in the store, and once
    /// for each range of removed dots.
    template <class Visit>
    friend void decompose_by_ranges(const Causal& a, Visit&& visit) {
        a.template visit_parts<detail::ByRanges>(visit);
    }

  private:
    /// Repairs the state after an interrupted join: adds all dots of the store to the context.
    void restore_context() noexcept {
        detail::attempt([this] { context_.merge(store_.dots()); });
    }
};

}  // namespace crdt
