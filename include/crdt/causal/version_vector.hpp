// SPDX-License-Identifier: MIT
//! VersionVector: how far each replica is known.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <compare>
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

template <class Id = std::string>
class VersionVector : detail::Refused<detail::flaw_of_keys<Id>(), Id> {};  // says why

/// The events of each replica up to some number.
///
/// State   a map from replica id to the number of its last known event
/// Order   replica by replica;  join: the larger numbers;  bottom: nothing known
/// Writes  two vectors of which neither is below the other are of concurrent events
/// Source  Parker et al.: Detection of mutual inconsistency in distributed systems (1983)
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
    using id_type = Id;
    static constexpr std::string_view type_name = "version_vector";

    /// Counts one more event of `id` and returns the delta. O(log n). Throws std::overflow_error
    /// after 2^64 - 1 events.
    VersionVector advance(const Id& id) {
        if (last(id) == (std::numeric_limits<std::uint64_t>::max)())
            detail::throw_or_abort<std::overflow_error>(
                "VersionVector::advance: no numbers are left");
        return advance_to(id, last(id) + 1);
    }
    /// Takes the events of `id` up to `sequence` as known and returns the delta. O(log n).
    VersionVector advance_to(const Id& id, std::uint64_t sequence) {
        return this->mutate([&](auto& last) {
            return last.update(id, [&](auto& known) { return known.advance(sequence); });
        });
    }

    /// The last known event of `id`; 0 if there is none. O(log n).
    std::uint64_t last(const auto& id) const { return this->lattice().at(id).value(); }
    bool contains(const Dot<Id>& dot) const {
        return dot.sequence != 0 && dot.sequence <= last(dot.replica);
    }
};

}  // namespace crdt
