// SPDX-License-Identifier: MIT
//! Equality and hash of slots in columns, by the ids of the replicas, not by their numbers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <crdt/lattice/hash.hpp>
#include <crdt/sequence/columns.hpp>

namespace crdt::detail {

/// Returns the numbers of the replicas that have slots, in the order of the replica ids.
template <ReplicaId Id>
std::vector<std::uint32_t> used_lines(const SequenceColumns<Id>& columns) {
    std::vector<std::uint32_t> used;
    for (const std::uint32_t line : columns.replicas().sorted())
        if (!columns.line(line).empty()) used.push_back(line);
    return used;
}

/// Calls visit(first, last) for each longest range of consecutive numbers that have code points.
template <class Visit>
void visit_stretches(const Letters& letters, Visit&& visit) {
    std::uint64_t begin = 0, end = 0;
    letters.visit(1, (std::numeric_limits<std::uint64_t>::max)(),
                  [&](std::uint64_t first, std::uint64_t last) {
                      if (begin != 0 && first == end + 1) return void(end = last);
                      if (begin != 0) visit(begin, end);
                      begin = first;
                      end = last;
                  });
    if (begin != 0) visit(begin, end);
}

inline bool same_letters(const Letters& a, const Letters& b) {
    using Stretch = std::pair<std::uint64_t, std::uint64_t>;
    const auto read = [](const Letters& letters, std::vector<Stretch>& stretches) {
        std::string text;
        visit_stretches(letters, [&](std::uint64_t first, std::uint64_t last) {
            stretches.emplace_back(first, last);
        });
        letters.append_to(text, 1, (std::numeric_limits<std::uint64_t>::max)());
        return text;
    };
    std::vector<Stretch> in_a, in_b;
    return read(a, in_a) == read(b, in_b) && in_a == in_b;
}

/// Do `a` and `b` have the same slots?
template <ReplicaId Id>
bool same_slots(const SequenceColumns<Id>& a, const SequenceColumns<Id>& b) {
    const auto in_a = used_lines(a), in_b = used_lines(b);
    const auto same_run = [&](const auto& mine, const auto& theirs) {
        const Run &x = mine.second, &y = theirs.second;
        return mine.first == theirs.first && x.last == y.last && x.direction == y.direction &&
               x.parent.side == y.parent.side && x.parent.sequence == y.parent.sequence &&
               (x.parent.sequence == 0 ||
                a.replicas()[x.parent.line] == b.replicas()[y.parent.line]);
    };
    return std::equal(
        in_a.begin(), in_a.end(), in_b.begin(), in_b.end(), [&](std::uint32_t i, std::uint32_t j) {
            const SequenceLine &mine = a.line(i), &theirs = b.line(j);
            return a.replicas()[i] == b.replicas()[j] && mine.erased == theirs.erased &&
                   std::equal(mine.runs.begin(), mine.runs.end(), theirs.runs.begin(),
                              theirs.runs.end(), same_run) &&
                   same_letters(mine.letters, theirs.letters);
        });
}

/// Returns a hash of the slots. Equal slots have the same hash.
template <ReplicaId Id>
std::uint64_t hash_of_slots(const SequenceColumns<Id>& columns) {
    std::uint64_t hash = 0;
    const auto add = [&](std::uint64_t value) { hash = hash_combine(hash, value); };
    for (const std::uint32_t number : used_lines(columns)) {
        const SequenceLine& line = columns.line(number);
        add(hash_of(columns.replicas()[number]));
        for (const auto& [first, run] : line.runs) {
            add(first);
            add(run.last);
            add(run.parent.sequence);
            if (run.parent.sequence != 0) add(hash_of(columns.replicas()[run.parent.line]));
            add((run.parent.side == Side::right ? 2U : 0U) +
                (run.direction == Side::right ? 1U : 0U));
        }
        add(line.runs.size());
        line.erased.visit([&](const Interval& range, const Unit&) {
            add(range.first);
            add(range.last);
        });
        add(line.erased.size());
        std::uint64_t stretches = 0;
        visit_stretches(line.letters, [&](std::uint64_t first, std::uint64_t last) {
            ++stretches;
            add(first);
            add(last);
            line.letters.for_each(first, last, [&](std::uint32_t point) { add(point); });
        });
        add(stretches);
    }
    return hash;
}

}  // namespace crdt::detail
