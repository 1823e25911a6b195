// SPDX-License-Identifier: MIT
//! left, counted, room: numbers of a replica in a counter.
#pragma once

#include <cstddef>
#include <cstdint>

#include "counters.hpp"

namespace counterd {

/// Returns how many of the additions (Sign 0) or subtractions (Sign 1) of a slot count in the
/// value. Those that are undone or retracted do not count.
template <std::size_t Sign>
std::uint64_t left(const crdt::Dot<ReplicaId>& dot, const auto& slot, const Retracted& retracted) {
    const std::uint64_t done = slot.template get<0>().template get<Sign>().value();
    const std::uint64_t undone = slot.template get<1>().template get<Sign>().value();
    std::uint64_t count = 0;
    if (undone < done)
        retracted.visit_missing(
            {{dot.replica, dot.sequence, Sign == 0}, undone + 1, done},
            [&](std::uint64_t first, std::uint64_t last) { count += last - first + 1; });
    return count;
}

/// Returns how much was added in a slot, or how much was subtracted, including undone and retracted
/// amounts.
inline std::uint64_t counted(const auto& slot, bool is_addition) {
    const auto& tally = slot.template get<0>();
    return is_addition ? tally.template get<0>().value() : tally.template get<1>().value();
}
inline std::uint64_t counted(const Bounded& counter, ReplicaId id, bool is_addition) {
    const auto& slot = counter.lattice().get<0>().lattice().at(id);
    return is_addition ? slot.get<0>().value() : slot.get<1>().value();
}
/// Returns how many more rights `id` can have. The amount that a replica has subtracted from a
/// bounded counter must fit into 64 bits. So the amount subtracted and all rights together may use
/// half of this range. The other half is for concurrent transfers to the replica. So no replica has
/// rights that it cannot use.
inline std::uint64_t room(const Bounded& counter, ReplicaId id) {
    constexpr auto most = static_cast<std::uint64_t>(highest);
    const std::uint64_t subtracted = counter.subtracted(id), rights = counter.rights(id);
    return subtracted > most || rights > most - subtracted ? 0 : most - subtracted - rights;
}
}  // namespace counterd
