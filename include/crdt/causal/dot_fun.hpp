// SPDX-License-Identifier: MIT
//! DotFun: a dot store with a state of a lattice at each dot.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/dot_slots.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>

namespace crdt {

namespace detail {

/// A lattice with states that do not change after they are written.
template <class L>
concept WrittenOnce = requires {
    requires L::is_written_once;
};

/// A map from dots to states. DotSlots is chosen for states that are a few numbers and can change,
/// such as the amounts of a counter. Most maps of such states have few entries, and DotSlots then
/// takes less memory.
template <class L, class Dot>
using StatesByDot = std::conditional_t<!WrittenOnce<L> && PlainBytes<L> && EasilyMoved<Dot>,
                                       DotSlots<Dot, L>, ColumnMap<Dot, L>>;

/// Returns those keys of `entries` that are in `dots`. The keys of `entries` are dots.
template <ReplicaId Id>
DotSet<Id> keys_within(const auto& entries, const DotSet<Id>& dots) {
    DotSet<Id> found;
    dots.visit([&](const DotRange<Id>& range) {
        auto entry = entries.lower_bound(dot_ref(range.replica, range.first));
        const auto last = dot_ref(range.replica, range.last);
        for (; entry != entries.end() && !(last < entry.key()); ++entry) found.add(entry.key());
    });
    return found;
}

}  // namespace detail

/// A dot store that maps dots to states. A dot is in the store even if its state is bottom.
///
/// Order   the order of Causal; at a dot that is in both stores, the order of the states
/// Cost    O(log n) for each dot that an operation touches; the digest has the dots, and digests of
///         the states only if states can change
template <DecomposableLattice L, ReplicaId Id = std::string>
class DotFun {
  public:
    /// A map from dots to states.
    using Entries = detail::StatesByDot<L, Dot<Id>>;

  private:
    Entries entries_;

  public:
    /// The type of replica ids.
    using id_type = Id;
    /// The lattice of the states at the dots.
    using mapped_type = L;
    /// Visits the dots in ascending order, each with its state.
    using const_iterator = typename Entries::const_iterator;
    /// The type of the digest. If states never change, it is a set of dots. Otherwise it is a map
    /// from the dots to digests of their states.
    using Digest =
        std::conditional_t<detail::WrittenOnce<L>, DotSet<Id>, ColumnMap<Dot<Id>, DigestOf<L>>>;

    /// Makes the empty store.
    DotFun() = default;
    /// Makes the store of one dot.
    DotFun(const Dot<Id>& dot, L state) : entries_(dot, std::move(state)) {}
    /// Makes the store of these dots and states.
    explicit DotFun(Entries entries) : entries_(std::move(entries)) {}

    /// Returns the position of the first dot, with its state.
    const_iterator begin() const { return entries_.begin(); }
    /// Returns the position past the last dot.
    const_iterator end() const { return entries_.end(); }
    /// Returns the number of dots. O(1).
    std::size_t size() const { return entries_.size(); }
    /// Is there no dot in the store?
    bool is_bottom() const { return entries_.empty(); }
    /// Returns the entry of `dot`, or end() if the dot is not in the store. O(log n).
    const_iterator find(const Dot<Id>& dot) const { return entries_.find(dot); }
    /// Returns the first entry with a dot that is not before `dot`, or end() if there is none.
    /// O(log n).
    const_iterator lower_bound(const auto& dot) const { return entries_.lower_bound(dot); }

    /// Returns the dots in the store. O(n).
    DotSet<Id> dots() const {
        DotSet<Id> dots;
        for (const auto& [dot, state] : entries_) dots.add(dot);
        return dots;
    }
    /// Returns the dots of the store that are in `dots`.
    DotSet<Id> dots_in(const DotSet<Id>& dots) const { return detail::keys_within(entries_, dots); }
    /// Removes `dots` and their states from the store. Allocates nothing.
    void remove(const DotSet<Id>& dots) noexcept {
        dots.visit_numbers([&](const auto& replica, std::uint64_t first, std::uint64_t last) {
            const auto end = detail::dot_ref(replica, last);
            auto entry = entries_.lower_bound(detail::dot_ref(replica, first));
            while (entry != entries_.end() && !(end < entry.key())) entry = entries_.erase(entry);
        });
    }

    /// Adds the content of `other`. Precondition: all dots of `other` are new to this store.
    void merge_disjoint(const DotFun& other) {
        if (entries_.empty()) return void(*this = other);
        for (const auto& [dot, state] : other.entries_) {
            const auto mine = entries_.lower_bound(dot);
            if (mine == entries_.end() || !(mine.key() == dot)) entries_.insert(mine, dot, state);
        }
    }
    /// Joins the content of `other`, except at removed dots: dots that are in `seen` and not in
    /// this store. Returns the content that was new.
    DotFun absorb(const DotFun& other, const DotSet<Id>& seen) {
        DotFun delta;
        for (const auto& [dot, state] : other.entries_) {
            const auto mine = entries_.lower_bound(dot);
            if (mine != entries_.end() && mine.key() == dot) {
                Dot<Id> named = dot;  // copied before the content changes
                delta.append_content(std::move(named), absorb_content(entries_.value(mine), state));
            } else if (!seen.contains(dot)) {
                delta.append(dot, state);
                entries_.insert(mine, dot, state);
            }
        }
        return delta;
    }
    /// Does the same as absorb(), without the delta. Returns true iff content grew at dots that
    /// both stores have.
    bool join(const DotFun& other, const DotSet<Id>& seen) {
        bool grew = false;
        for (const auto& [dot, state] : other.entries_) {
            const auto mine = entries_.lower_bound(dot);
            if (mine != entries_.end() && mine.key() == dot)
                grew |= entries_.value(mine).merge(state);
            else if (!seen.contains(dot))
                entries_.insert(mine, dot, state);
        }
        return grew;
    }
    /// Returns the content of this store that another state lacks. The other state has the store
    /// `theirs` and the context `seen`. `theirs` can also be the digest of that store.
    template <class Theirs>
    DotFun missing_at(const Theirs& theirs, const DotSet<Id>& seen) const {
        DotFun result;
        for (const auto& [dot, state] : entries_) {
            if (!seen.contains(dot)) {
                result.append(dot, state);
            } else if constexpr (!std::is_same_v<Theirs, DotSet<Id>>) {
                const auto known = theirs.find(dot);
                if (known != theirs.end())
                    result.append_content(dot, difference(state, known->second));
            }
        }
        return result;
    }
    /// Is this ⊑ `other` at each dot that both stores have?
    bool leq_on_common(const DotFun& other) const {
        return std::all_of(begin(), end(), [&](const auto& entry) {
            const auto theirs = other.entries_.find(entry.first);
            return theirs == other.entries_.end() || entry.second.leq(theirs->second);
        });
    }
    /// Adds to `digests` what missing_at() needs of this store.
    void add_digest_to(Digest& digests) const {
        if constexpr (detail::WrittenOnce<L>) {
            digests.merge(dots());
        } else {
            for (const auto& [dot, state] : entries_) {
                digests.insert(digests.lower_bound(dot), dot, digest(state));
            }
        }
    }
    /// Returns how often visit_parts_of() calls visit, limited to the greatest std::size_t.
    template <class By>
    std::size_t count_parts_of() const {
        std::size_t total = 0;
        for (const auto& [dot, state] : entries_)
            total = detail::saturating_add(total, std::max<std::size_t>(1, By::count(state)));
        return total;
    }
    /// Calls visit(part) for each join-irreducible part or, if By is ByRanges, for each range.
    template <class By, class Visit>
    void visit_parts_of(Visit&& visit) const {
        for (const auto entry : entries_) {
            const Dot<Id>& dot = entry.first;
            if (entry.second.is_bottom()) visit(DotFun(dot, L{}));
            By::decompose_each(entry.second, [&](const L& part) { visit(DotFun(dot, part)); });
        }
    }

    /// Do both stores have the same content at the same dots?
    friend bool operator==(const DotFun&, const DotFun&) = default;
    /// Does a dot that is in both stores have contents that are in conflict?
    friend bool conflicts(const DotFun& a, const DotFun& b) requires detail::CanConflict<L> {
        return std::any_of(b.begin(), b.end(), [&](const auto& entry) {
            const auto mine = a.entries_.find(entry.first);
            return mine != a.entries_.end() && conflicts(mine->second, entry.second);
        });
    }
    /// Returns a stable hash: equal stores have the same hash on every platform. O(n).
    friend std::uint64_t hash_value(const DotFun& a) {
        std::uint64_t hash = a.size();
        for (const auto& [dot, state] : a) {
            hash = hash_combine(hash_combine(hash, detail::hash_of(dot)), detail::hash_of(state));
        }
        return hash;
    }

  private:
    /// Joins `state` into `content`. Returns the part of `state` that was new. If an allocation
    /// fails, throws and leaves `content` unchanged.
    static L absorb_content(L& content, const L& state) {
        if constexpr (std::is_trivially_destructible_v<L>) return content.absorb(state);
        L joined = content;
        L novel = joined.absorb(state);
        content = std::move(joined);
        return novel;
    }
    void append(Dot<Id> dot, L state) { entries_.push_back(std::move(dot), std::move(state)); }
    void append_content(Dot<Id> dot, L state) {
        if (!state.is_bottom()) append(std::move(dot), std::move(state));
    }
};

}  // namespace crdt
