// SPDX-License-Identifier: MIT
//! SequenceDigest: the digest of a DotSequence.
#pragma once

#include <string>

#include <crdt/causal/dot_set.hpp>
#include <crdt/sequence/slice.hpp>

namespace crdt {

/// The digest of a DotSequence: its dots, which of them are erased, and which lack a part. The last
/// two sets are empty, unless a part of a change has not been received. Every set is kept by
/// ranges.
template <ReplicaId Id = std::string>
struct SequenceDigest {
    /// The dots of all slots.
    DotSet<Id> all{};
    /// The dots of the erased slots.
    DotSet<Id> erased{};
    /// The dots of slots without an origin.
    DotSet<Id> without_origin{};
    /// The dots of slots that have neither a code point nor are erased.
    DotSet<Id> without_content{};

    /// Are both the same?
    friend bool operator==(const SequenceDigest&, const SequenceDigest&) = default;
    /// Returns the dots that are in `dots`.
    DotSet<Id> dots_in(const DotSet<Id>& dots) const { return intersection(all, dots); }
    /// Has each slot that both have all parts here that it has in `other`?
    bool content_dominates(const SequenceDigest& other) const {
        const DotSet<Id> common = intersection(all, other.all);
        return intersection(without_origin, common).leq(other.without_origin) &&
               intersection(other.erased, common).leq(erased) &&
               intersection(without_content, common).leq(other.without_content);
    }
    /// Calls visit(first, last, status) for ranges of `range` that are alike, in no order; not for
    /// ranges without slots.
    template <class Visit>
    void visit_status(const DotRange<Id>& range, Visit&& visit) const {
        const DotSet<Id> here = intersection(all, DotSet<Id>(range));
        const DotSet<Id> alive = difference(here, erased);
        const auto visit_all = [&](const DotSet<Id>& dots, detail::SlotContent content) {
            difference(dots, without_origin).visit_numbers([&](const Id&, auto first, auto last) {
                visit(first, last, detail::SlotStatus{true, content});
            });
            intersection(dots, without_origin).visit_numbers([&](const Id&, auto first, auto last) {
                visit(first, last, detail::SlotStatus{false, content});
            });
        };
        visit_all(intersection(here, erased), detail::SlotContent::erased);
        visit_all(difference(alive, without_content), detail::SlotContent::value);
        visit_all(intersection(alive, without_content), detail::SlotContent::none);
    }
};

}  // namespace crdt
