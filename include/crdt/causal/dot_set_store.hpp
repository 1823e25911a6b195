// SPDX-License-Identifier: MIT
//! DotSetStore: the members that make a DotSet a dot store.
#pragma once

#include <cstddef>

#include <crdt/detail/cpp20.hpp>

namespace crdt {

/// The members that make a DotSet a dot store: a store of dots without content. See the concept
/// DotStore. A DotSet derives from this class.
template <class Set>
class DotSetStore {
    Set& self() { return static_cast<Set&>(*this); }
    const Set& self() const { return static_cast<const Set&>(*this); }

  public:
    /// Returns the set itself.
    const Set& dots() const { return self(); }
    /// Returns the dots that are in this set and in `dots`.
    Set dots_in(const Set& dots) const { return intersection(self(), dots); }
    /// Removes `dots`. If an allocation fails, throws and removes nothing.
    void remove(const Set& dots) {
        if (&dots == &self())
            self() = {};
        else if (dots.range_count() > 1)
            self() = difference(self(), dots);
        else
            self().erase(dots);
    }
    /// Adds the dots of `other`.
    void merge_disjoint(const Set& other) { self().merge(other); }
    /// Adds the dots of `other` that are not in `seen`, and returns those dots.
    Set absorb(const Set& other, const Set& seen) {
        Set delta = difference(other, seen);
        self().merge(delta);
        return delta;
    }
    /// Returns the dots of this set that are not in `seen`.
    Set missing_at(const Set&, const Set& seen) const { return difference(self(), seen); }
    /// Returns true, because dots have no content here.
    bool leq_on_common(const Set&) const { return true; }
    /// Adds the dots to `digest`.
    void add_digest_to(Set& digest) const { digest.merge(self()); }
    /// Returns the number of dots or, if By is ByRanges, of ranges.
    template <class By>
    std::size_t count_parts_of() const {
        return By::count(self());
    }
    /// Calls visit for each dot or, if By is ByRanges, for each range.
    template <class By, class Visit>
    void visit_parts_of(Visit&& visit) const {
        By::decompose_each(self(), visit);
    }
    /// Returns true, because this class has no data.
    friend bool operator==(const DotSetStore&, const DotSetStore&) = default;
};

}  // namespace crdt
