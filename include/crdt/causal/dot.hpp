// SPDX-License-Identifier: MIT
//! Dot: the name of one event.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include <crdt/causal/replica_name.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/detail/relocatable.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

/// The name of one event, such as one write. It consists of the replica where the event happened
/// and the number of the event at that replica, counted from 1.
///
/// Source  Preguiça, Baquero, Almeida, Fonte, Gonçalves: Dotted version vectors (2010)
template <ReplicaId Id = std::string>
struct Dot {
    /// The replica where the event happened.
    ReplicaName<Id> replica{};
    /// The number of the event at that replica.
    std::uint64_t sequence = 0;

    /// Can an object be moved by copying its bytes? See detail/relocatable.hpp.
    static constexpr bool is_relocatable = detail::Relocatable<ReplicaName<Id>>;

    /// Do both name the same event?
    friend bool operator==(const Dot&, const Dot&) = default;
    /// Orders by replica, then by number. This is not the order in which events happened.
    friend constexpr std::strong_ordering operator<=>(const Dot& a, const Dot& b) {
        if (a.replica < b.replica) return std::strong_ordering::less;
        if (b.replica < a.replica) return std::strong_ordering::greater;
        return a.sequence <=> b.sequence;
    }
    /// Returns a stable hash of the name.
    friend constexpr std::uint64_t hash_value(const Dot& dot) {
        return hash_combine(detail::hash_of(dot.replica), detail::hash_of(dot.sequence));
    }
};

namespace detail {

template <ReplicaId Id>
inline constexpr bool is_value_of_library<Dot<Id>> = true;

/// A dot for searches. It refers to the id of the replica and does not copy the id. A `Replica` can
/// be compared with ids.
template <class Replica>
struct DotRef {
    const Replica& replica;
    std::uint64_t sequence;

    template <ReplicaId Id>
    friend bool operator<(const Dot<Id>& a, const DotRef& b) {
        return a.replica < b.replica || (a.replica == b.replica && a.sequence < b.sequence);
    }
    template <ReplicaId Id>
    friend bool operator<(const DotRef& a, const Dot<Id>& b) {
        return a.replica < b.replica || (a.replica == b.replica && a.sequence < b.sequence);
    }
};
template <class Replica>
DotRef<Replica> dot_ref(const Replica& replica, std::uint64_t sequence) {
    return {replica, sequence};
}

}  // namespace detail

/// The events `first` to `last` of a replica. Precondition: 1 <= first <= last.
template <ReplicaId Id = std::string>
struct DotRange {
    /// The replica where the events happened.
    [[no_unique_address]] ReplicaName<Id> replica{};
    /// The number of the first event.
    std::uint64_t first = 0;
    /// The number of the last event.
    std::uint64_t last = 0;

    /// Do both name the same events?
    friend bool operator==(const DotRange&, const DotRange&) = default;
};

namespace detail {

/// A range of dots that refers to the id of the replica and does not copy the id.
template <class Name>
struct DotRangeRef {
    const Name& replica;
    std::uint64_t first, last;

    /// Returns the number of dots, limited to the greatest std::size_t.
    friend std::size_t part_count(const DotRangeRef& range) {
        constexpr std::uint64_t greatest = (std::numeric_limits<std::size_t>::max)();
        return static_cast<std::size_t>((min)(range.last - range.first, greatest - 1)) + 1;
    }
    /// Returns 1. So ranges can be counted like parts of states.
    friend std::size_t range_count(const DotRangeRef&) { return 1; }
};
template <class Name>
DotRangeRef(const Name&, std::uint64_t, std::uint64_t) -> DotRangeRef<Name>;

}  // namespace detail

}  // namespace crdt
