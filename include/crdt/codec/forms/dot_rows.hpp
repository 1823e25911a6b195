// SPDX-License-Identifier: MIT
//! Reads maps from whole numbers to sets of dots. Most of these sets have one dot, and are read by
//! a fast function. The bytes are the same as those of serialize_mapping().
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/causal/replica_name.hpp>
#include <crdt/codec/forms/dot_set.hpp>
#include <crdt/codec/forms/ordered.hpp>
#include <crdt/codec/forms/rows.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/detail/leb128.hpp>
#include <crdt/lattice/column_appender.hpp>
#include <crdt/lattice/column_map.hpp>

namespace crdt::detail {

/// Is an id one number in the bytes: the id itself, or the number of a name?
template <class Id>
inline constexpr bool id_is_number =
    (std::unsigned_integral<Id> && !std::same_as<Id, bool>) || std::same_as<Id, std::string>;

template <class Reader, class K, class Store>
inline constexpr bool has_dot_rows = false;
template <ReadsGroups Reader, class K, class Id>
inline constexpr bool has_dot_rows<Reader, K, DotSet<Id>> =
    keys_are_gaps<Reader, K>&& id_is_number<Id>;

/// Reads what serialize_mapping() wrote.
template <class K, class Id>
class DotRowReader {
    using Name = ReplicaName<Id>;

    AscendingKeys<K> order_;

    /// Returns the id that is written as `number`, or null if there is none. An id that is itself a
    /// number is stored in `room`.
    static const Name* id_of(ReadsGroups auto& in, std::uint64_t number, Name& room) {
        if constexpr (std::unsigned_integral<Name>) {
            room = static_cast<Name>(number);
            return number <= (std::numeric_limits<Name>::max)() ? &room : nullptr;
        } else {
            return in.numbered_name(number);
        }
    }
    /// Reads an entry with one dot. It has these bytes: the gap before its key, 1 for one range, 2
    /// for one dot, the id, and the number of the dot. Returns false and reads nothing if the entry
    /// is the first one, has another form or is not valid, or if the end of the input is near.
    bool read_one(ReadsGroups auto& in, ColumnAppender<K, DotSet<Id>>& appender) {
        const char* const begin = in.ahead(3 * leb128::longest + 2);
        if (begin == nullptr || !order_.last()) return false;
        const leb128::Number gap = leb128::read(begin);
        const char* const form = begin + gap.size;
        if (form[0] != 1 || form[1] != 2) return false;
        const leb128::Number id = leb128::read_small(form + 2);
        const leb128::Number sequence = leb128::read(form + 2 + id.size);
        if (gap.size == 0 || id.size == 0 || sequence.size == 0 || sequence.value == 0)
            return false;
        const K last = *order_.last();
        if (gap.value >= AscendingKeys<K>::distance(last, (std::numeric_limits<K>::max)()))
            return false;
        Name room{};
        const Name* const replica = id_of(in, id.value, room);
        if (replica == nullptr) return false;
        in.skip(static_cast<std::size_t>(form - begin) + 2 + id.size + sequence.size);
        const K key = static_cast<K>(static_cast<std::uint64_t>(last) + gap.value + 1);
        order_.set_last(key);
        appender.push_back(key, DotSet<Id>(DotRange<Id>{*replica, sequence.value, sequence.value}));
        return true;
    }

  public:
    ColumnMap<K, DotSet<Id>> read(ReadsGroups auto& in) {
        ColumnMap<K, DotSet<Id>> entries;
        const std::size_t count = in.begin_seq();
        ColumnAppender<K, DotSet<Id>> appender(entries, count);
        for (std::size_t left = count; left != 0 && in.ok(); --left) {
            if (read_one(in, appender)) continue;
            const K key = order_.read(in);
            DotSet<Id> dots = deserialize<DotSet<Id>>(in);
            order_.expect_next(in, key);
            if (in.ok() && dots.is_bottom()) in.fail("bottom value in map");
            if (in.ok()) appender.push_back(key, std::move(dots));
        }
        appender.finish();
        return entries;
    }
};

}  // namespace crdt::detail
