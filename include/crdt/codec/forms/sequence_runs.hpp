// SPDX-License-Identifier: MIT
//! RunsForm: the runs of a replica's slots, as text and as bytes.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/forms/replica.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/sequence/columns.hpp>
#include <crdt/sequence/origin.hpp>
#include <crdt/sequence/runs.hpp>

namespace crdt::detail {

/// Writes and reads the runs of a line.
///
///     in text     [[1, 5, ["", 0, true], true]]
///     in bytes    the number of runs, and each run
///     a run       4 x (size - 1), + 2 x is left, + 1 x has flags
///                 flags, if the run has any: 1 gap, 2 to the left, 4 at the start, 8 parent of
///                 another replica, 16 large
///                 the size - 1, if the run is large. The first number contains 0 instead
///                 the gap, if there is one: the count of numbers since the end of the run before
///                 the parent, unless the parent is the start. A parent of the same replica: how
///                 far it is before the first slot. Any other parent: its replica and its number
template <class Id>
struct RunsForm {
    using Columns = SequenceColumns<Id>;

    template <class Writer>
    static void write(Writer&& out, const Columns& columns, std::uint32_t number) {
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
    template <class Reader>
    static void read(Reader&& in, Columns& columns, std::uint32_t number) {
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

  private:
    static constexpr std::uint64_t most = std::uint64_t{1} << 60U;
    enum Flag : std::uint64_t { gap = 1, to_left = 2, at_start = 4, elsewhere = 8, large = 16 };

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
};

}  // namespace crdt::detail
