// SPDX-License-Identifier: MIT
//! LineForm: the columns of one replica's slots, as text and as bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/forms/ordered.hpp>
#include <crdt/codec/forms/plain.hpp>
#include <crdt/codec/forms/replica.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/hash.hpp>
#include <crdt/sequence/origin.hpp>

namespace crdt::detail {

/// Writes and reads a line of a DotSequence: the replica, its runs, its erased numbers, its text.
///
///     in text     ["a", [[1, 5, ["", 0, true], true]], [[2, 3]], [[1, "h"], [4, "lo"]]]
///     in bytes    the replica; the number of runs, and each run; the number of erased ranges, and
///                 each as its gap and its size - 1; whether the numbers with a code point are
///                 exactly those of runs that are not erased; if not, the number of ranges with
///                 code points, and each as its gap and its size - 1; the text of all ranges
///     a run       4 x (size - 1), + 2 x is left, + 1 unless it is plain; then, if it is not plain,
///                 flags: 1 gap, 2 to the left, 4 start, 8 other replica, 16 large; the size - 1 if
///                 it is large, the gap if there is one; then how far before the first slot its
///                 parent is, or the replica and the number of the parent
template <class Id>
struct LineForm {
    using Columns = SequenceColumns<Id>;
    static constexpr std::uint64_t most = std::uint64_t{1} << 60U;
    enum Flag : std::uint64_t { gap = 1, to_left = 2, at_start = 4, elsewhere = 8, large = 16 };

    template <class Writer>
    static void write(Writer& out, const Columns& columns, std::uint32_t number) {
        const SequenceLine& line = columns.line(number);
        if constexpr (Writer::is_text) out.begin_tuple(4);
        serialize_replica(out.element(), columns.replicas()[number]);
        write_runs(out.element(), columns, number);
        write_ranges(out.element(), line.erased.size(), [&](auto&& visit) {
            line.erased.visit(
                [&](const Interval& range, const Unit&) { visit(range.first, range.last); });
        });
        write_text(out.element(), line);
    }
    template <class Reader>
    static void read(Reader& in, Columns& columns, AscendingKeys<ReplicaName<Id>>& order) {
        if constexpr (Reader::is_text) in.begin_tuple(4);
        const auto id = deserialize_name<Id>(in.element(0));
        order.expect_next(in, id);
        if (!in.ok()) return;
        const std::uint32_t number = columns.add_replica(id);
        read_runs(in.element(1), columns, number);
        auto& line = columns.line(number);
        read_ranges(in.element(2), [&](std::uint64_t first, std::uint64_t last) {
            line.erased.assign(SequenceLine::interval(first, last), {});
        });
        read_text(in.element(3), line);
        if (line.empty()) in.fail("line without slots");
    }

  private:
    // ---- maximal ranges, in ascending order

    template <class Writer>
    static void write_ranges(Writer&& out, std::size_t count, auto&& visit_all) {
        out.begin_seq(count);
        std::uint64_t before = 0;
        visit_all([&](std::uint64_t first, std::uint64_t last) {
            auto&& item = out.element();
            if constexpr (std::remove_cvref_t<Writer>::is_text) {
                serialize_tuple(item, first, last);
            } else {
                item.u64(first - before - (before == 0 ? 1 : 2));
                item.u64(last - first);
            }
            before = last;
        });
    }
    template <class Reader>
    static void read_ranges(Reader&& in, auto&& add) {
        std::uint64_t before = 0;
        for_each_element(in, [&](auto& item) {
            std::uint64_t first = 0, last = 0;
            if constexpr (std::remove_cvref_t<Reader>::is_text) {
                std::tie(first, last) = deserialize_tuple<std::uint64_t, std::uint64_t>(item);
                if (first <= before || (before != 0 && first == before + 1) || last < first)
                    item.fail("not in ascending order");
            } else {
                const std::uint64_t limit = (std::numeric_limits<std::uint64_t>::max)();
                const std::uint64_t skipped = item.u64(), size = item.u64();
                const std::uint64_t base = before + (before == 0 ? 1 : 2);
                if (base < before || skipped > limit - base || size > limit - base - skipped)
                    return item.fail("number too large");
                first = base + skipped;
                last = first + size;
            }
            if (!item.ok()) return;
            add(first, last);
            before = last;
        });
    }

    // ---- runs

    template <class Writer>
    static void write_runs(Writer&& out, const Columns& columns, std::uint32_t number) {
        const Runs& runs = columns.line(number).runs;
        out.begin_seq(runs.size());
        std::uint64_t before = 0;
        for (auto run = runs.begin(); run != runs.end(); ++run) {
            auto&& item = out.element();
            if constexpr (std::remove_cvref_t<Writer>::is_text)
                write_run(item, columns, run.key(), run.value());
            else
                write_run(item, columns, number, before, run.key(), run.value());
            before = run.value().last;
        }
    }
    static void write_run(auto& out, const Columns& columns, std::uint64_t first, const Run& run) {
        Origin<Id> origin{{{}, run.parent.sequence}, run.parent.side};
        if (run.parent.sequence != 0) origin.parent.replica = columns.replicas()[run.parent.line];
        serialize_tuple(out, first, run.last, origin, run.direction == Side::right);
    }
    static void write_run(auto& out, const Columns& columns, std::uint32_t number,
                          std::uint64_t before, std::uint64_t first, const Run& run) {
        const std::uint64_t size = run.last - first;
        const bool is_start = run.parent.sequence == 0;
        std::uint64_t flags = 0;
        if (first - 1 != before) flags |= gap;
        if (run.direction == Side::left) flags |= to_left;
        if (is_start) flags |= at_start;
        if (!is_start && run.parent.line != number) flags |= elsewhere;
        if (size >= most) flags |= large;
        out.u64((size < most ? 4 * size : 0) + (run.parent.side == Side::left ? 2 : 0) +
                (flags != 0 ? 1 : 0));
        if (flags != 0) out.u64(flags);
        if (size >= most) out.u64(size);
        if ((flags & gap) != 0) out.u64(first - 1 - before);
        if ((flags & elsewhere) != 0) {
            serialize_replica(out, columns.replicas()[run.parent.line]);
            out.u64(run.parent.sequence);
        } else if (!is_start) {
            out.u64(first - run.parent.sequence);
        }
    }
    template <class Reader>
    static void read_runs(Reader&& in, Columns& columns, std::uint32_t number) {
        std::uint64_t before = 0, last_first = 0;
        Run last;
        for_each_element(in, [&](auto& item) {
            std::uint64_t first = 0;
            Run run;
            if constexpr (std::remove_cvref_t<Reader>::is_text)
                run = read_run(item, columns, first);
            else
                run = read_run(item, columns, number, before, first);
            if (item.ok() && (first <= before || run.last < first))
                item.fail("not in ascending order");
            if (!item.ok()) return;
            const Runs& runs = columns.line(number).runs;
            if (run.last == first && run.direction == Side::left)
                return item.fail("one slot with a direction");
            if (run.parent.sequence == 0 && run.parent.side == Side::left)
                return item.fail("left of the start");
            if (!runs.is_one_run(first, run)) return item.fail("run that is too long");
            if (before != 0 && first == before + 1 && runs.extends(last_first, last, run))
                return item.fail("run that continues the one before");
            columns.line(number).runs.append(first, run);
            last_first = first;
            before = run.last;
            last = run;
        });
    }
    static Run read_run(auto& in, Columns& columns, std::uint64_t& first) {
        in.begin_tuple(4);
        Run run;
        first = in.element(0).u64();
        run.last = in.element(1).u64();
        const auto origin = deserialize<Origin<Id>>(in.element(2));
        run.direction = in.element(3).boolean() ? Side::right : Side::left;
        run.parent = {origin.parent.sequence, 0, origin.side};
        if (in.ok() && !origin.is_start())
            run.parent.line = columns.add_replica(origin.parent.replica);
        return run;
    }
    static Run read_run(auto& in, Columns& columns, std::uint32_t number, std::uint64_t before,
                        std::uint64_t& first) {
        Run run;
        const std::uint64_t head = in.u64();
        const std::uint64_t flags = head % 2 == 1 ? in.u64() : 0;
        if ((head % 2 == 1 && flags == 0) || flags > 31 ||
            ((flags & at_start) != 0 && (flags & elsewhere) != 0))
            in.fail("unknown flags of a run");
        std::uint64_t size = head / 4;
        if ((flags & large) != 0) {
            const bool has_size = size != 0;
            size = in.u64();
            if (has_size || size < most) in.fail("number in more bytes than needed");
        } else if (size >= most) {
            in.fail("number too large");
        }
        const std::uint64_t skipped = (flags & gap) != 0 ? in.u64() : 0;
        if ((flags & gap) != 0 && skipped == 0) in.fail("number in more bytes than needed");
        const std::uint64_t limit = (std::numeric_limits<std::uint64_t>::max)();
        if (before == limit || skipped > limit - before - 1 ||
            size > limit - before - 1 - skipped) {
            in.fail("number too large");
            return run;
        }
        first = before + 1 + skipped;
        run.last = first + size;
        run.parent.side = head / 2 % 2 == 1 ? Side::left : Side::right;
        run.direction = (flags & to_left) != 0 ? Side::left : Side::right;
        if ((flags & elsewhere) != 0) {
            const auto id = deserialize_name<Id>(in);
            run.parent.sequence = in.u64();
            if (!in.ok()) return run;
            run.parent.line = columns.add_replica(id);
            if (run.parent.line == number || run.parent.sequence == 0)
                in.fail("parent in more bytes than needed");
        } else if ((flags & at_start) == 0) {
            run.parent.sequence = first - in.u64();
            run.parent.line = number;
            if (run.parent.sequence == 0) in.fail("parent in more bytes than needed");
        }
        return run;
    }

    // ---- text

    template <class Writer>
    static void write_text(Writer&& out, const SequenceLine& line) {
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
                write_ranges(out, count,
                             [&](auto&& visit) { visit_stretches(line.letters, visit); });
            }
            line.letters.append_to(text, 1, (std::numeric_limits<std::uint64_t>::max)());
            out.string(text);
        }
    }
    template <class Reader>
    static void read_text(Reader&& in, SequenceLine& line) {
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
                read_ranges(in, add);
            const std::string text = in.string();
            TextSize size;
            if (!in.ok()) return;
            if (!measure_utf8(text, size)) return in.fail("text that is not UTF-8");
            put_all(in, line, ranges, text, size.points);
            if (in.ok() && !is_regular && has_regular_text(line))
                in.fail("ranges in more bytes than needed");
        }
    }
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
        // Do all numbers from `first` to `last` have letters, or none of them?
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
