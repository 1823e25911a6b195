// SPDX-License-Identifier: MIT
//! KeyIndex: finds the keys of dots.
#pragma once

#include <crdt/causal/dot_interval_map.hpp>
#include <crdt/causal/dot_set.hpp>

namespace crdt::detail {

/// The key of each dot in a DotMap, by ranges of dots. A dot has at most one key.
template <class Id, class KeyType>
class KeyIndex {
    DotIntervalMap<Id, KeyType> keys_{};
    DotSet<Id> dots_{};

  public:
    /// Returns the dots that have a key. O(1).
    const DotSet<Id>& dots() const { return dots_; }
    /// Calls visit(range, key) for each range of `dots` that has one key.
    template <class Visit>
    void visit(const DotSet<Id>& dots, Visit&& visit) const {
        dots.visit([&](const DotRange<Id>& range) { keys_.visit_within(range, visit); });
    }

    /// Adds one range of dots of `key`. Fast if ranges are added in the order of dots.
    void append(const DotRange<Id>& range, const KeyType& key) {
        keys_.assign(range, key);
        dots_.add(range);
    }
    /// Adds dots of `key`.
    void add(const KeyType& key, const DotSet<Id>& added) {
        added.visit([&](const DotRange<Id>& range) { keys_.assign(range, key); });
        dots_.merge(added);
    }
    /// Adds the content of `other`. No dot has different keys in both.
    void merge(const KeyIndex& other) {
        keys_.assign_all(other.keys_);
        dots_.merge(other.dots_);
    }
    /// Removes dots, including those that have no key.
    void remove(const DotSet<Id>& removed) {
        removed.visit([&](const DotRange<Id>& range) { keys_.erase(range); });
        dots_.erase(removed);
    }
};

}  // namespace crdt::detail
