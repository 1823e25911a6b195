// SPDX-License-Identifier: MIT
//! for_each_pair_of_rows: walks the leaves of two maps side by side.
#pragma once

#include <cstddef>

#include <crdt/detail/leaves.hpp>
#include <crdt/detail/min_max.hpp>

namespace crdt::detail {

/// Walks the leaves of two maps, up to the end of the shorter map. Calls visit(a's leaf, i, b's
/// leaf, j, count) for `count` entries of both leaves, which begin at slot `i` of a's leaf and at
/// slot `j` of b's leaf. Stops if visit returns false. The leaves of the two maps may have
/// different sizes, so one leaf may be visited several times.
template <class Mine, class K, class V, class Visit>
void for_each_pair_of_rows(Mine& a, const Leaves<K, V>& b, Visit&& visit) {
    std::size_t i = 0, j = 0;
    for (std::size_t mine = 0, theirs = 0; mine < a.size() && theirs < b.size();) {
        auto& left = a[mine];
        const auto& right = b[theirs];
        const std::size_t count = (min)(left.size() - i, right.size() - j);
        // The processor itself prefetches the rest of a row, but not the next row.
        if (mine + 1 < a.size()) prefetch_row(a[mine + 1].values);
        if (theirs + 1 < b.size()) prefetch_row(b[theirs + 1].values);
        if (!visit(left, i, right, j, count)) return;
        if ((i += count) == left.size()) ++mine, i = 0;
        if ((j += count) == right.size()) ++theirs, j = 0;
    }
}

}  // namespace crdt::detail
