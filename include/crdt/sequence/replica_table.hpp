// SPDX-License-Identifier: MIT
//! ReplicaTable: the ids of the replicas of a sequence, with numbers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <crdt/causal/replica_name.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt::detail {

/// Reserves room in `vector` for one more element, so that the next insertion allocates no array.
void reserve_next(auto& vector) {
    if (vector.size() == vector.capacity()) vector.reserve(2 * vector.size() + 1);
}

/// The ids of replicas. Each id has a number, which never changes. The columns of a sequence store
/// these numbers in place of ids.
template <ReplicaId Id>
class ReplicaTable {
    using Name = ReplicaName<Id>;

    std::vector<Name> ids_{};
    std::vector<std::uint32_t> sorted_{};  // numbers, in the order of the ids

    auto place_of(const auto& id) const {
        return std::lower_bound(sorted_.begin(), sorted_.end(), id,
                                [this](std::uint32_t a, const auto& b) { return ids_[a] < b; });
    }

  public:
    static constexpr std::uint32_t none = (std::numeric_limits<std::uint32_t>::max)();

    std::size_t size() const { return ids_.size(); }
    const Name& operator[](std::uint32_t number) const { return ids_[number]; }
    /// Returns the numbers of all ids, in the order of the ids.
    const std::vector<std::uint32_t>& sorted() const { return sorted_; }
    /// Returns the number of `id`, or `none` if the table does not contain the id.
    std::uint32_t find(const auto& id) const {
        const auto place = place_of(id);
        return place != sorted_.end() && ids_[*place] == id ? *place : none;
    }
    /// Returns the number of `id`. Adds the id if it is new. If an allocation fails, throws and
    /// changes nothing.
    std::uint32_t add(const Name& id) {
        const auto place = place_of(id);
        if (place != sorted_.end() && ids_[*place] == id) return *place;
        const auto at = place - sorted_.begin();
        reserve_next(sorted_);
        ids_.push_back(id);
        const auto number = static_cast<std::uint32_t>(ids_.size() - 1);
        sorted_.insert(sorted_.begin() + at, number);
        return number;
    }
};

}  // namespace crdt::detail
