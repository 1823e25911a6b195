// SPDX-License-Identifier: MIT
//! HLC: a hybrid logical clock, and the stamps made with it.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

#include <crdt/detail/failure.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/max.hpp>

namespace crdt {

/// A point in hybrid time: a wall clock's reading and a count of events at that reading. All
/// replicas use the same unit for the wall clock.
struct HybridTime {
    /// The wall clock's reading.
    std::uint64_t wall = 0;
    /// The count of events at that reading.
    std::uint32_t logical = 0;

    /// Orders by wall clock, then by count.
    friend auto operator<=>(const HybridTime&, const HybridTime&) = default;
    /// A stable hash of the time.
    friend constexpr std::uint64_t hash_value(const HybridTime& time) {
        return hash_combine(detail::hash_of(time.wall), detail::hash_of(time.logical));
    }
};

template <>
struct Bounds<HybridTime> {
    /// Time 0.
    static constexpr HybridTime(min)() { return {}; }
    /// Returns the greatest time.
    static constexpr HybridTime(max)() {
        return {(Bounds<std::uint64_t>::max)(), (Bounds<std::uint32_t>::max)()};
    }
};

/// The name of a write. It includes the time of the write. No two writes have equal stamps, because
/// a clock never returns the same time twice, and no two replicas share an id.
template <Chain Id = std::string>
struct Stamp {
    /// The time of the write.
    HybridTime time{};
    /// The replica that made the write. The default is the least id.
    Id replica = (Bounds<Id>::min)();

    /// Are both the same stamp?
    friend bool operator==(const Stamp&, const Stamp&) = default;
    /// Orders by time, then by replica.
    friend constexpr std::strong_ordering operator<=>(const Stamp& a, const Stamp& b) {
        if (a.time != b.time) return a.time <=> b.time;
        if (a.replica < b.replica) return std::strong_ordering::less;
        return b.replica < a.replica ? std::strong_ordering::greater : std::strong_ordering::equal;
    }
    /// A stable hash of the stamp.
    friend constexpr std::uint64_t hash_value(const Stamp& stamp) {
        return hash_combine(detail::hash_of(stamp.time), detail::hash_of(stamp.replica));
    }
};

namespace detail {

template <>
inline constexpr bool is_value_of_library<HybridTime> = true;
template <Chain Id>
inline constexpr bool is_value_of_library<Stamp<Id>> = true;

}  // namespace detail

template <Chain Id>
struct Bounds<Stamp<Id>> {
    static constexpr Stamp<Id>(min)() { return {}; }
};

/// A hybrid logical clock. Its time never goes back, and stays close to the wall clock. Each tick
/// is later than all times that the clock has returned or received.
///
/// State       the latest time that the clock has returned or received
/// Order       by time;  join: the later time;  bottom: time 0
/// Concurrent  two replicas can return the same time, so a Stamp also has the id of the replica
/// Cost        O(1)
/// Errors      tick throws std::overflow_error if no later time is left; receive throws
///             std::invalid_argument for a time that is too far in the future; the state is then
///             unchanged
/// Threads     as a standard container
/// Durable     a replica that restarts with its old id must not return the same time twice. Keep a
///             high_water() mark in durable storage. Write a new mark before the clock passes the
///             old mark. After a restart, make the clock from the last mark
/// Source      Kulkarni, Demirbas, Madappa, Avva, Leone: Logical physical clocks (OPODIS 2014)
///
/// Example (tests/examples/hlc.cpp):
///     crdt::HLC clock;
///     clock.tick(1000);                           // the wall clock reads 1000
///     clock.receive({1003, 7}, 1001, 50);         // a message from a replica a little ahead
///     const auto time = clock.tick(1002).time();  // {1003, 8}: after both
class HLC : public Composed<HLC, Max<HybridTime>> {
    static constexpr std::uint64_t end_of_time = (Bounds<std::uint64_t>::max)();

    HybridTime next(std::uint64_t now) const {
        if (now > time().wall) return {now, 0};
        if (time().logical != (Bounds<std::uint32_t>::max)())
            return {time().wall, time().logical + 1};
        if (time().wall == end_of_time)
            detail::throw_or_abort<std::overflow_error>(
                "HLC::tick: no later time fits a HybridTime");
        return {time().wall + 1, 0};
    }

  public:
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "hlc";

    /// Makes a clock at time 0.
    HLC() = default;
    /// Makes a clock that ticks only to times later than `mark`.
    explicit HLC(HybridTime mark) { merge(from_lattice(Max<HybridTime>(mark))); }

    /// Returns the latest time that the clock has returned or received. O(1).
    HybridTime time() const { return lattice().value(); }

    /// Advances to a new time, which is later than all times that the clock has returned or
    /// received. Returns the delta: a clock at the new time. `now` is the reading of the wall
    /// clock. If the count of events at one reading no longer fits 32 bits, the clock advances its
    /// reading by one unit. O(1). Throws std::overflow_error if no later time is left; the state is
    /// then unchanged.
    HLC tick(std::uint64_t now) {
        return mutate([&](auto& latest) { return latest.advance(next(now)); });
    }

    /// Is `time` ahead of the wall clock's reading `now` by more than `max_drift`? Check every
    /// stamp in a received state before you join the state. Otherwise a write from the far future
    /// would win over all later writes.
    static constexpr bool is_far_future(HybridTime time, std::uint64_t now,
                                        std::uint64_t max_drift) {
        return time.wall > now && time.wall - now > max_drift;
    }
    /// Receives `time` from another replica: if `time` is later than the time of the clock, the
    /// clock advances to `time`. Returns the delta. O(1). Throws std::invalid_argument if
    /// is_far_future(time, now, max_drift); the state is then unchanged.
    HLC receive(HybridTime time, std::uint64_t now, std::uint64_t max_drift) {
        if (is_far_future(time, now, max_drift))
            detail::throw_or_abort<std::invalid_argument>(
                "HLC::receive: the time is ahead of the wall clock by more than max_drift");
        return mutate([&](auto& latest) { return latest.advance(time); });
    }

    /// Returns a mark to keep in durable storage: the time of the clock plus `ahead` units. The
    /// next mark must be in storage before the clock passes this mark.
    HybridTime high_water(std::uint64_t ahead) const {
        return {ahead < end_of_time - time().wall ? time().wall + ahead : end_of_time,
                time().logical};
    }
};

}  // namespace crdt
