// SPDX-License-Identifier: MIT
//! VersionVector: the number of the last event of each replica.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

#include <crdt/causal/dot.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>

namespace crdt {

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class Id = std::string>
class VersionVector : detail::Refused<detail::flaw_of_keys<Id>(), Id> {};  // prints why

/// A version vector: a set of events. For each replica, the set contains all events up to some
/// number.
///
/// State       a map from replica id to the number of the last event of that replica
/// Order       replica by replica;  join: the larger number of each replica;  bottom: no events
/// Concurrent  events of different replicas are all kept. If neither of two vectors is below the
///             other, each has events that the other lacks: the vectors are concurrent
/// Cost        advance, last, contains O(log n); merge, leq, difference as MapOf
/// Errors      advance throws std::overflow_error when the replica has used all 2^64 - 1 numbers;
///             the state is then unchanged
/// Iterators   in ascending order, invalidated by every change;  Threads  as a standard container
/// Source      Parker et al.: Detection of mutual inconsistency in distributed systems (1983)
///
/// Example (tests/examples/version_vector.cpp):
///     crdt::VersionVector<> a, b;
///     a.advance("a");
///     b.advance("b");
///     auto order = a <=> b;  // std::partial_ordering::unordered: concurrent
///     b.merge(a);
///     order = a <=> b;  // std::partial_ordering::less
template <ReplicaId Id>
class VersionVector<Id> : public Composed<VersionVector<Id>, MapOf<Id, Max<std::uint64_t>>> {
  public:
    /// The type of replica ids.
    using id_type = Id;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "version_vector";

    /// Adds the next event of `id` and returns the delta. O(log n). Throws std::overflow_error
    /// after 2^64 - 1 events; the state is then unchanged.
    VersionVector advance(const Id& id) {
        if (last(id) == (std::numeric_limits<std::uint64_t>::max)())
            detail::throw_or_abort<std::overflow_error>(
                "VersionVector::advance: the replica has used all 2^64 - 1 sequence numbers");
        return advance_to(id, last(id) + 1);
    }
    /// Adds the events of `id` up to `sequence` and returns the delta, which is bottom if the
    /// vector had all these events already. O(log n).
    VersionVector advance_to(const Id& id, std::uint64_t sequence) {
        return this->mutate([&](auto& last) {
            return last.update(id, [&](auto& known) { return known.advance(sequence); });
        });
    }

    /// A replica id and the number of its last event.
    using value_type = typename MapOf<Id, Max<std::uint64_t>>::const_iterator::value_type;
    /// Visits the replicas in ascending order, each with the number of its last event, as
    /// Max<std::uint64_t>.
    using const_iterator = typename MapOf<Id, Max<std::uint64_t>>::const_iterator;
    /// The same as const_iterator: entries cannot be changed in place.
    using iterator = const_iterator;
    /// Returns the position of the first replica.
    const_iterator begin() const { return this->lattice().begin(); }
    /// Returns the position past the last replica.
    const_iterator end() const { return this->lattice().end(); }
    /// Returns the number of replicas with an event. O(1).
    std::size_t size() const { return this->lattice().size(); }
    /// Is there no event? O(1).
    bool empty() const { return size() == 0; }
    /// Returns the number of the last event of `id`, or 0 if the vector has no event of `id`.
    /// O(log n).
    std::uint64_t last(const auto& id) const { return this->lattice().at(id).value(); }
    /// Is the event that `dot` names in the vector? O(log n).
    bool contains(const Dot<Id>& dot) const {
        return dot.sequence != 0 && dot.sequence <= last(dot.replica);
    }
};

}  // namespace crdt
