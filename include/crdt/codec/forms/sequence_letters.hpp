// SPDX-License-Identifier: MIT
//! LettersForm: the code points of a replica's slots, as text and as bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <crdt/causal/interval_map.hpp>
#include <crdt/codec/forms/number_ranges.hpp>
#include <crdt/codec/forms/plain.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/sequence/hash.hpp>
#include <crdt/sequence/sequence_line.hpp>

namespace crdt::detail {

/// Writes and reads the code points of a line.
///
///     in text     [[1, "h"], [4, "lo"]]
///     in bytes    a boolean: is the text regular?
///                 unless it is regular: the number of ranges with code points, and each range as
///                 the gap before it and its size - 1
///                 the text of all ranges
///
/// The text is regular if the numbers with a code point are exactly the numbers that are in a run
/// and are not erased.
struct LettersForm {
    template <class Writer>
    static void write(Writer&& out, const SequenceLine& line) {
        std::string text;
        if constexpr (std::remove_cvref_t<Writer>::is_text) {
            std::size_t count = 0;
            visit_stretches(line.letters, [&](auto, auto) { ++count; });
            out.begin_seq(count);
            visit_stretches(line.letters, [&](std::uint64_t first, std::uint64_t last) {
                text.clear();
                line.letters.append_to(text, first, last);
                auto&& item = out.element();
                serialize_tuple(item, first, text);
            });
        } else {
            const bool is_regular = has_regular_text(line);
            out.boolean(is_regular);
            if (!is_regular) {
                std::size_t count = 0;
                visit_stretches(line.letters, [&](auto, auto) { ++count; });
                write_number_ranges(out, count,
                                    [&](auto&& visit) { visit_stretches(line.letters, visit); });
            }
            line.letters.append_to(text, 1, (std::numeric_limits<std::uint64_t>::max)());
            out.string(text);
        }
    }
    template <class Reader>
    static void read(Reader&& in, SequenceLine& line) {
        if constexpr (std::remove_cvref_t<Reader>::is_text) {
            std::uint64_t before = 0;
            for_each_element(in, [&](auto& item) {
                item.begin_tuple(2);
                const std::uint64_t first = item.element(0).u64();
                const std::string text = item.element(1).string();
                TextSize size;
                if (!item.ok()) return;
                if (first <= before || (before != 0 && first == before + 1))
                    return item.fail("not in ascending order");
                if (!measure_utf8(text, size)) return item.fail("text that is not UTF-8");
                if (text.empty() || size.points - 1 > ~std::uint64_t{0} - first)
                    return item.fail("number too large");
                before = first + (size.points - 1);
                put(item, line, first, before, text);
            });
        } else {
            std::vector<Interval> ranges;
            const auto add = [&](std::uint64_t first, std::uint64_t last) {
                ranges.push_back(SequenceLine::interval(first, last));
            };
            const bool is_regular = in.boolean();
            if (is_regular)
                visit_regular(line, add);
            else
                read_number_ranges(in, add);
            const std::string text = in.string();
            TextSize size;
            if (!in.ok()) return;
            if (!measure_utf8(text, size)) return in.fail("text that is not UTF-8");
            put_all(in, line, ranges, text, size.points);
            if (in.ok() && !is_regular && has_regular_text(line))
                in.fail("ranges in more bytes than needed");
        }
    }

  private:
    static void put_all(auto& in, SequenceLine& line, const std::vector<Interval>& ranges,
                        std::string_view text, std::uint64_t points) {
        for (const Interval& range : ranges) {
            if (range.last - range.first >= points) return in.fail("text that is too short");
            const std::uint64_t count = range.last - range.first + 1;
            const std::size_t bytes =
                points == text.size() ? static_cast<std::size_t>(count) : utf8_prefix(text, count);
            put(in, line, range.first, range.last, text.substr(0, bytes));
            if (!in.ok()) return;
            text.remove_prefix(bytes);
            points -= count;
        }
        if (points != 0) in.fail("text that is too long");
    }
    static void put(auto& in, SequenceLine& line, std::uint64_t first, std::uint64_t last,
                    std::string_view text) {
        const Extent erased = line.erased.extent(first);
        if (erased.is_inside || erased.last < last) return in.fail("erased slot with text");
        line.letters.put(first, text);
    }
    /// Calls visit(first, last) for each maximal range of numbers that have an origin and are not
    /// erased.
    template <class Visit>
    static void visit_regular(const SequenceLine& line, Visit&& visit) {
        std::uint64_t begin = 0, end = 0;
        const auto add = [&](std::uint64_t first, std::uint64_t last) {
            if (begin != 0 && first == end + 1) return void(end = last);
            if (begin != 0) visit(begin, end);
            begin = first;
            end = last;
        };
        IntervalMap<Unit>::Walker erased(line.erased, 1);
        for (auto run = line.runs.begin(); run != line.runs.end(); ++run) {
            for (std::uint64_t number = run.key();; ++number) {
                const Extent extent = erased.extent(number);
                const std::uint64_t last = (min)(extent.last, run.value().last);
                if (!extent.is_inside) add(number, last);
                number = last;
                if (last == run.value().last) break;
            }
        }
        if (begin != 0) visit(begin, end);
    }
    static bool has_regular_text(const SequenceLine& line) {
        constexpr std::uint64_t most = (std::numeric_limits<std::uint64_t>::max)();
        Letters::Walker letters(line.letters, 1);
        // If `has_letters` is true: do all numbers from `first` to `last` have letters? If it is
        // false: do none of them have letters?
        const auto are_all = [&](bool has_letters, std::uint64_t first, std::uint64_t last) {
            while (first != 0 && first <= last) {
                const Extent extent = letters.extent(first);
                if (extent.is_inside != has_letters) return false;
                if (extent.last >= last) return true;
                first = extent.last + 1;
            }
            return true;
        };
        std::uint64_t next = 1;
        bool is_regular = true;
        visit_regular(line, [&](std::uint64_t first, std::uint64_t last) {
            is_regular =
                is_regular && are_all(false, next, first - 1) && are_all(true, first, last);
            next = last + 1;
        });
        return is_regular && are_all(false, next, most);
    }
};

}  // namespace crdt::detail
