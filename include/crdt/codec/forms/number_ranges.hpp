// SPDX-License-Identifier: MIT
//! Writes and reads ranges of numbers in ascending order. Each range is as long as possible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <tuple>
#include <type_traits>

#include <crdt/codec/forms/plain.hpp>
#include <crdt/codec/serializer.hpp>

namespace crdt::detail {

/// Writes `count` ranges. visit_all(visit) must call visit(first, last) for each of them.
template <class Writer>
void write_number_ranges(Writer&& out, std::size_t count, auto&& visit_all) {
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
/// Reads what write_number_ranges() wrote. Calls add(first, last) for each range.
template <class Reader>
void read_number_ranges(Reader&& in, auto&& add) {
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

}  // namespace crdt::detail
