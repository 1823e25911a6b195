// SPDX-License-Identifier: MIT
//! Writes and reads maps from whole numbers to counts, many entries at a time. The bytes are the
//! same as those of serialize_mapping().
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <crdt/codec/forms/ordered.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/union_of.hpp>

namespace crdt::detail {

/// A map from whole numbers to counts.
template <class K, class L>
concept CountColumns = PlainColumns<K, L> && packed_traits<L>::count == 1 &&
                       std::unsigned_integral<typename packed_traits<L>::type> &&
                       !std::same_as<K, bool> && !std::same_as<typename L::value_type, bool>;

template <class Writer>
concept WritesGroups = requires(Writer& out, const std::uint64_t* numbers) {
    out.u64s(numbers, Writer::most_numbers);
};
template <class Reader>
concept ReadsGroups = requires(const Reader& in, std::uint64_t* numbers) {
    in.peek_u64s(numbers, std::size_t{});
};

/// A group has this many entries.
inline constexpr std::size_t entries_in_group = 16;

/// Writes what serialize_mapping() writes.
template <class K, class L>
    requires CountColumns<K, L>
void write_rows(WritesGroups auto& out, const MapOf<K, L>& map) {
    out.begin_seq(map.size());
    bool is_first = true;
    std::size_t left = map.size() - 1;  // used after the first entry
    std::uint64_t last = 0;
    map.visit_rows([&](const K* keys, const L* states, std::size_t count) {
        const auto* const counts = numbers(states);
        std::size_t i = 0;
        if (is_first) {
            serialize(out, keys[0]);
            out.u64(counts[0]);
            last = static_cast<std::uint64_t>(keys[0]);
            is_first = false;
            i = 1;
        }
        while (i < count) {
            std::uint64_t group[2 * entries_in_group];
            const std::size_t size = (min)(count - i, entries_in_group);
            for (std::size_t entry = 0; entry < size; ++entry, ++i) {
                const auto key = static_cast<std::uint64_t>(keys[i]);
                group[2 * entry] = key - last - 1;
                group[2 * entry + 1] = counts[i];
                last = key;
            }
            const std::size_t bytes = out.u64s(group, 2 * size);
            // Reserves memory for the other entries, which are about as large as those of the first
            // group.
            if (left == map.size() - 1) out.expect(left * bytes / size + left / 4);
            left -= size;
        }
    });
}

/// Reads what serialize_mapping() wrote.
template <class K, class L>
    requires CountColumns<K, L>
class RowReader {
    using Count = typename packed_traits<L>::type;

    RowBuilder<K, L> rows_;
    AscendingKeys<K> order_;
    std::size_t left_ = 0;

    /// Reads a group of entries. Returns false and reads nothing if the group begins with the first
    /// entry, if an entry is not valid, or if the end of the entries or of the input is near.
    bool read_group(ReadsGroups auto& in) {
        if (left_ < entries_in_group || !order_.last()) return false;
        std::uint64_t group[2 * entries_in_group];
        const std::size_t size = in.peek_u64s(group, 2 * entries_in_group);
        if (size == 0) return false;
        K keys[entries_in_group];
        Count counts[entries_in_group];
        K last = *order_.last();
        bool is_valid = true;
        for (std::size_t i = 0; i < entries_in_group; ++i) {
            const std::uint64_t gap = group[2 * i], count = group[2 * i + 1];
            is_valid &= gap < AscendingKeys<K>::distance(last, (std::numeric_limits<K>::max)());
            is_valid &= count != 0 && count <= (std::numeric_limits<Count>::max)();
            keys[i] = last = static_cast<K>(static_cast<std::uint64_t>(last) + gap + 1);
            counts[i] = static_cast<Count>(count);
        }
        if (!is_valid) return false;
        in.skip(size);
        order_.set_last(last);
        append(keys, reinterpret_cast<const L*>(counts), entries_in_group);
        return true;
    }
    void append(const K* keys, const L* states, std::size_t count) {
        rows_.make_space(left_);
        rows_.append(keys, states, count);
        left_ -= count;
    }

  public:
    MapOf<K, L> read(ReadsGroups auto& in) {
        for (left_ = in.begin_seq(); left_ != 0 && in.ok();) {
            if (read_group(in)) continue;
            const K key = order_.read(in);
            const L state = deserialize<L>(in);
            order_.expect_next(in, key);
            if (in.ok() && state.is_bottom()) in.fail("bottom value in map");
            if (in.ok()) append(&key, &state, 1);
        }
        return MapOf<K, L>(rows_.finish());
    }
};

}  // namespace crdt::detail
