// SPDX-License-Identifier: MIT
//! LineForm: the columns of one replica's slots, as text and as bytes.
#pragma once

#include <cstdint>

#include <crdt/codec/forms/number_ranges.hpp>
#include <crdt/codec/forms/ordered.hpp>
#include <crdt/codec/forms/replica.hpp>
#include <crdt/codec/forms/sequence_letters.hpp>
#include <crdt/codec/forms/sequence_runs.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/sequence/columns.hpp>

namespace crdt::detail {

/// Writes and reads a line of a DotSequence: the replica, its runs, its erased numbers, its text.
///
///     in text     ["a", [[1, 5, ["", 0, true], true]], [[2, 3]], [[1, "h"], [4, "lo"]]]
///     in bytes    the replica; the runs; the number of erased ranges, and each range as the gap
///                 before it and its size - 1; the text
///
/// RunsForm and LettersForm describe the runs and the text.
template <class Id>
struct LineForm {
    using Columns = SequenceColumns<Id>;

    template <class Writer>
    static void write(Writer& out, const Columns& columns, std::uint32_t number) {
        const SequenceLine& line = columns.line(number);
        if constexpr (Writer::is_text) out.begin_tuple(4);
        serialize_replica(out.element(), columns.replicas()[number]);
        RunsForm<Id>::write(out.element(), columns, number);
        write_number_ranges(out.element(), line.erased.size(), [&](auto&& visit) {
            line.erased.visit(
                [&](const Interval& range, const Unit&) { visit(range.first, range.last); });
        });
        LettersForm::write(out.element(), line);
    }
    template <class Reader>
    static void read(Reader& in, Columns& columns, AscendingKeys<ReplicaName<Id>>& order) {
        if constexpr (Reader::is_text) in.begin_tuple(4);
        const auto id = deserialize_name<Id>(in.element(0));
        order.expect_next(in, id);
        if (!in.ok()) return;
        const std::uint32_t number = columns.add_replica(id);
        RunsForm<Id>::read(in.element(1), columns, number);
        auto& line = columns.line(number);
        read_number_ranges(in.element(2), [&](std::uint64_t first, std::uint64_t last) {
            line.erased.assign(SequenceLine::interval(first, last), {});
        });
        LettersForm::read(in.element(3), line);
        if (line.empty()) in.fail("line without slots");
    }
};

}  // namespace crdt::detail
