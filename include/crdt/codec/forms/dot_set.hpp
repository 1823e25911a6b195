// SPDX-License-Identifier: MIT
//! The serializer of sets of dots.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/codec/forms/replica.hpp>
#include <crdt/codec/serializer.hpp>

namespace crdt {

/// Writes ranges in ascending order, each as long as possible: [["a", 1, 5], ["b", 7]].
template <Serializable Id>
struct Serializer<DotSet<Id>> {
    static constexpr std::string_view type_name = "dot_set";

    using Range = DotRange<Id>;

    static void write(auto& out, const DotSet<Id>& dots) {
        out.begin_seq(dots.range_count());
        dots.visit([&](const Range& range) {
            auto&& item = out.element();
            write_range(item, range);
        });
    }
    static DotSet<Id> read(auto& in) {
        DotSet<Id> dots;
        std::optional<Range> before;
        const std::size_t count = in.begin_seq();
        for (std::size_t i = 0; i < count && in.ok(); ++i) {
            auto&& item = in.element(i);
            Range range = read_range(item);
            if (before && !is_beyond(range, *before)) item.fail("not in ascending order");
            if (!item.ok()) break;
            if (count == 1) return DotSet<Id>(std::move(range));
            dots.add(range);
            before = std::move(range);
        }
        return dots;
    }

  private:
    static void write_range(auto& out, const Range& range) {
        const bool is_dot = range.last == range.first;
        out.begin_seq(is_dot ? 2 : 3);
        serialize_replica(out.element(), range.replica);
        serialize(out.element(), range.first);
        if (!is_dot) serialize(out.element(), range.last);
    }
    static Range read_range(auto& in) {
        const std::size_t size = in.begin_seq();
        if (size < 2 || size > 3) in.fail("not a range");
        Range range{deserialize_name<Id>(in.element(0)), in.element(1).u64(), 0};
        range.last = size == 2 ? range.first : in.element(2).u64();
        if (range.first == 0) in.fail("dots count from 1");
        if (size == 3 && range.last <= range.first) in.fail("range that ends early");
        return range;
    }
    /// Is `range` after `before`, with a gap between the two? The Writer joins ranges without a
    /// gap.
    static bool is_beyond(const Range& range, const Range& before) {
        if (!(range.replica == before.replica)) return before.replica < range.replica;
        return range.first > before.last && range.first - before.last > 1;
    }
};

}  // namespace crdt
