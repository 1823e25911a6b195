// SPDX-License-Identifier: MIT
//! Sequences that no mutator makes: slots with parents that do not exist or are in cycles, slots
//! without some of their parts, and long ranges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/list.hpp>
#include <crdt/random.hpp>
#include <crdt/sequence/slice.hpp>
#include <crdt/text.hpp>

#include "support/laws.hpp"
#include "support/sequence_model.hpp"

namespace support {

using crdt::detail::SlotContent;
using crdt::detail::SlotStatus;

inline constexpr SlotStatus whole_slot{true, SlotContent::value};

/// Makes a sequence of any slots, which are added in the order of their dots.
template <class Seq>
class SlotBuilder;

template <class Id>
class SlotBuilder<crdt::List<char, Id>> {
    using List = crdt::List<char, Id>;
    typename List::store_type::Entries entries_{};

  public:
    void add(const crdt::Dot<Id>& dot, const crdt::Origin<Id>& origin, const SlotStatus& status,
             char letter = 'x') {
        using Letter = crdt::LinearSum<crdt::WriteOnce<char>, crdt::Unit>;
        crdt::ListSlot<char, Id> slot(
            status.has_origin ? crdt::WriteOnce(origin) : crdt::WriteOnce<crdt::Origin<Id>>(),
            status.content == SlotContent::erased  ? Letter::from_upper(crdt::Unit())
            : status.content == SlotContent::value ? Letter::from_lower(crdt::WriteOnce(letter))
                                                   : Letter());
        entries_.push_back(dot, std::move(slot));
    }
    List take() {
        return List::from_lattice(
            typename List::lattice_type(typename List::store_type(std::move(entries_))));
    }
};

template <class Id>
class SlotBuilder<crdt::Text<Id>> {
    using Text = crdt::Text<Id>;
    crdt::detail::SequenceColumns<Id> columns_{};
    std::string buffer_{};

  public:
    /// Adds the slots from `dot` to `last`, each the right child of the one before. If they have
    /// text, there is only one.
    void add_run(const crdt::Dot<Id>& dot, std::uint64_t last, const crdt::Origin<Id>& origin,
                 const SlotStatus& status, char letter = 'x') {
        crdt::detail::Slice<Id> slice;
        slice.replica = &dot.replica;
        slice.first = dot.sequence;
        slice.last = last;
        slice.status = status;
        slice.parent_replica = &origin.parent.replica;
        slice.parent = origin.parent.sequence;
        slice.side = origin.side;
        if (status.content == SlotContent::value) slice.text = {&letter, 1};
        columns_.add(slice, buffer_);
    }
    void add(const crdt::Dot<Id>& dot, const crdt::Origin<Id>& origin, const SlotStatus& status,
             char letter = 'x') {
        add_run(dot, dot.sequence, origin, status, letter);
    }
    Text take() {
        return Text::from_lattice(
            typename Text::lattice_type(crdt::DotSequence<Id>(std::move(columns_))));
    }
};

/// From 2^41 to 2^42, each slot of a hostile writer is the right child of the slot before.
inline constexpr std::uint64_t long_run = std::uint64_t{1} << 41U;
constexpr bool is_in_long_run(std::uint64_t number) {
    return number >= long_run && number < 2 * long_run;
}

/// Returns the id of a hostile writer. No mutator of the laws writes under it.
template <class Id>
Id hostile_writer(std::uint64_t number) {
    return replica_id<Id>(10 + number);
}

/// Returns the origin of a slot of hostile writer 0 or 1. It depends only on the dot, so two such
/// slots are never in conflict.
template <class Id>
crdt::Origin<Id> hostile_origin(std::uint64_t writer, std::uint64_t number) {
    using crdt::Side;
    const auto at = [](const Id& id, std::uint64_t sequence, Side side) {
        return crdt::Origin<Id>{{id, sequence}, side};
    };
    const Id self = hostile_writer<Id>(writer);
    if (is_in_long_run(number)) return at(self, number - 1, Side::right);
    // Four slots in a row can be one run.
    const std::uint64_t row = crdt::hash_combine(writer, number / 4);
    if (number % 4 != 0 && number > 1 && row % 3 != 0)
        return at(self, number - 1, row % 3 == 1 ? Side::left : Side::right);
    const std::uint64_t one = crdt::hash_combine(row, number);
    const Side side = (one >> 8U) % 2 == 0 ? Side::left : Side::right;
    switch (one % 7) {
        case 0: return {};                                                // the start
        case 1: return at(self, number, side);                            // itself
        case 2: return at(self, number + 1, side);                        // often its child
        case 3: return at(hostile_writer<Id>(1 - writer), number, side);  // often its child, too
        case 4: return at(hostile_writer<Id>(9), 1 + one % 5, side);      // does not exist
        default: return at(replica_id<Id>(one % 3), 1 + (one >> 16U) % 6, side);  // a lawful slot
    }
}

/// Returns slots of a hostile writer, from `first` to `last`, that all have the same parts, or
/// removed dots if they have none.
template <class Seq>
Seq hostile_slots(std::uint64_t writer, std::uint64_t first, std::uint64_t last,
                  const SlotStatus& status) {
    using Id = typename Seq::id_type;
    const Id id = hostile_writer<Id>(writer);
    if (!status.is_present())
        return Seq::from_lattice(
            typename Seq::lattice_type({}, crdt::DotSet<Id>(crdt::DotRange<Id>{id, first, last})));
    SlotBuilder<Seq> builder;
    if constexpr (requires { &SlotBuilder<Seq>::add_run; }) {
        if (is_in_long_run(first)) {
            builder.add_run({id, first}, last, hostile_origin<Id>(writer, first), status);
            return builder.take();
        }
    }
    for (std::uint64_t number = first; number <= last; ++number)
        builder.add({id, number}, hostile_origin<Id>(writer, number), status,
                    static_cast<char>('a' + number % 26));
    return builder.take();
}

/// Returns any hostile slots of a writer: a few, of which the parts can be visited one by one.
template <class Seq>
Seq few_hostile_slots(std::uint64_t writer, crdt::laws::Choices& choices) {
    constexpr SlotStatus parts[] = {whole_slot,
                                    {true, SlotContent::erased},
                                    {false, SlotContent::value},
                                    {true, SlotContent::none},
                                    {false, SlotContent::erased},
                                    {false, SlotContent::none}};
    constexpr std::uint64_t places[] = {1, std::uint64_t{1} << 40U,
                                        (std::numeric_limits<std::uint64_t>::max)() - 60};
    const std::uint64_t length = choices.below(12);
    const SlotStatus& status = parts[choices.below(6)];
    const std::uint64_t first = places[choices.below(3)] + choices.below(40);
    return hostile_slots<Seq>(writer, first, first + length, status);
}

/// Returns up to 2^40 hostile slots of a writer. A List has removed dots only.
template <class Seq>
Seq many_hostile_slots(std::uint64_t writer, crdt::laws::Choices& choices) {
    constexpr SlotStatus parts[] = {{true, SlotContent::erased},
                                    {true, SlotContent::none},
                                    {false, SlotContent::erased},
                                    {false, SlotContent::none}};
    constexpr bool has_runs = requires { &SlotBuilder<Seq>::add_run; };
    const SlotStatus& status = parts[has_runs ? choices.below(4) : 3];
    const std::uint64_t first = long_run + choices.below(8);
    const std::uint64_t length = std::uint64_t{1} << (choices.below(2) == 0 ? 40U : 3U);
    return hostile_slots<Seq>(writer, first, first + length - choices.below(8), status);
}

}  // namespace support
