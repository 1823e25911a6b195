// SPDX-License-Identifier: MIT
//! SequenceDigest: the digest of a DotSequence.
#pragma once

#include <string>

#include <crdt/causal/dot_set.hpp>
#include <crdt/sequence/slice.hpp>

namespace crdt {

/// The digest of a DotSequence: four sets of dots, each stored as ranges. `without_origin` and
/// `without_content` contain only slots of which one part has not been received yet. So they are
/// usually empty.
template <ReplicaId Id = std::string>
struct SequenceDigest {
    /// The dots of all slots.
    DotSet<Id> all{};
    /// The dots of the erased slots.
    DotSet<Id> erased{};
    /// The dots of slots without an origin.
    DotSet<Id> without_origin{};
    /// The dots of slots that have no code point and are not erased.
    DotSet<Id> without_content{};

    /// Are all four sets the same in both digests?
    friend bool operator==(const SequenceDigest&, const SequenceDigest&) = default;
    /// Returns the dots of all slots that are in `dots`.
    DotSet<Id> dots_in(const DotSet<Id>& dots) const { return intersection(all, dots); }
    /// At the slots that both digests have, does this digest show every part that `other` shows?
    bool content_dominates(const SequenceDigest& other) const {
        const DotSet<Id> common = intersection(all, other.all);
        return intersection(without_origin, common).leq(other.without_origin) &&
               intersection(other.erased, common).leq(erased) &&
               intersection(without_content, common).leq(other.without_content);
    }
    /// Calls visit(first, last, status) for the slots of `range`, in no particular order. Each call
    /// is for the slots from `first` to `last`, which have the same `status`. Numbers without slots
    /// are not visited.
    template <class Visit>
    void visit_status(const DotRange<Id>& range, Visit&& visit) const {
        const DotSet<Id> here = intersection(all, DotSet<Id>(range));
        const DotSet<Id> present = difference(here, erased);
        const auto visit_all = [&](const DotSet<Id>& dots, detail::SlotContent content) {
            difference(dots, without_origin).visit_numbers([&](const auto&, auto first, auto last) {
                visit(first, last, detail::SlotStatus{true, content});
            });
            intersection(dots, without_origin)
                .visit_numbers([&](const auto&, auto first, auto last) {
                    visit(first, last, detail::SlotStatus{false, content});
                });
        };
        visit_all(intersection(here, erased), detail::SlotContent::erased);
        visit_all(difference(present, without_content), detail::SlotContent::value);
        visit_all(intersection(present, without_content), detail::SlotContent::none);
    }
};

}  // namespace crdt
