// SPDX-License-Identifier: MIT
//! Sets of single dots, for comparison with containers that keep ranges.
#pragma once

#include <cstdint>
#include <limits>
#include <set>
#include <vector>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/random.hpp>

namespace support {

constexpr std::uint64_t last_sequence = std::numeric_limits<std::uint64_t>::max();

inline std::vector<crdt::Dot<>> dots_in(const crdt::DotRange<>& range) {
    std::vector<crdt::Dot<>> dots;
    for (std::uint64_t sequence = range.first;; ++sequence) {
        dots.push_back({range.replica, sequence});
        if (sequence == range.last) return dots;
    }
}

using Dots = std::set<crdt::Dot<>>;

inline Dots dots_of(const crdt::DotSet<>& set) {
    Dots dots;
    set.visit([&](const crdt::DotRange<>& range) {
        for (const crdt::Dot<>& dot : dots_in(range)) dots.insert(dot);
    });
    return dots;
}
inline crdt::DotSet<> set_of(const Dots& dots) {
    crdt::DotSet<> set;
    for (const crdt::Dot<>& dot : dots) set.add(dot);
    return set;
}

inline Dots joined(Dots a, const Dots& b) {
    a.insert(b.begin(), b.end());
    return a;
}
inline Dots without(Dots a, const Dots& b) {
    for (const crdt::Dot<>& dot : b) a.erase(dot);
    return a;
}

/// A few numbers of two replicas. They are close together, so that ranges often touch.
struct Corner {
    static constexpr std::uint64_t length = 8;
    std::uint64_t first;

    std::vector<crdt::DotRange<>> all() const {
        return {{"a", first, first + (length - 1)}, {"b", first, first + (length - 1)}};
    }
    crdt::DotRange<> draw(crdt::Random& random) const {
        const std::uint64_t begin = random.below(length);
        const std::uint64_t end = begin + random.below(length - begin);
        return {random.below(2) == 0 ? "a" : "b", first + begin, first + end};
    }
    Dots draw_dots(crdt::Random& random) const {
        Dots dots;
        for (std::uint64_t i = random.below(5); i > 0; --i) {
            for (const crdt::Dot<>& dot : dots_in(draw(random))) dots.insert(dot);
        }
        return dots;
    }
};

/// The lowest numbers, those from which ranges are not packed, and the greatest
/// numbers.
constexpr Corner corners[] = {
    {1}, {(std::uint64_t{1} << 40U) - Corner::length / 2}, {last_sequence - (Corner::length - 1)}};

}  // namespace support
