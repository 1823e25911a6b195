// SPDX-License-Identifier: MIT
//! text_diff: the edits with the fewest code points that turn one text into another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <crdt/detail/min_max.hpp>
#include <crdt/detail/utf8.hpp>

namespace crdt::detail {

/// An edit that replaces code points of the old text by code points of the new text. The replaced
/// code points begin at `index` in the old text, and their number is `erased`. The code points that
/// replace them begin at `from` in the new text, and their number is `inserted`.
struct DiffEdit {
    std::size_t index, erased, from, inserted;
};

using CodePoints = std::vector<std::uint32_t>;

inline CodePoints code_points_of(std::string_view utf8) {
    CodePoints points;
    while (!utf8.empty()) points.push_back(take_code_point(utf8));
    return points;
}

/// Returns the edits that turn `a` into `b`, in ascending order of their indices. The edits erase
/// and insert as few code points as possible. But if they would erase and insert more than `limit`
/// code points in total, the result is one edit. This edit replaces all code points from the first
/// difference to the last.
///
/// Cost    O(n + d²) for n code points, d of which are erased or inserted
/// Source  Myers: An O(ND) difference algorithm and its variations (1986)
inline std::vector<DiffEdit> text_diff(const CodePoints& a, const CodePoints& b,
                                       std::size_t limit = 500) {
    std::size_t begin = 0, end = 0;
    const std::size_t smaller = (min)(a.size(), b.size());
    while (begin < smaller && a[begin] == b[begin]) ++begin;
    while (end < smaller - begin && a[a.size() - 1 - end] == b[b.size() - 1 - end]) ++end;
    const std::size_t n = a.size() - begin - end, m = b.size() - begin - end;
    if (n == 0 && m == 0) return {};
    if (n == 0 || m == 0) return {{begin, n, begin, m}};

    // A diagonal is a position in `a` minus a position in `b`. Both positions count from the end of
    // the common beginning. reach[d][i] is the greatest position in `a` that d erasures and
    // insertions reach on diagonal i - d.
    std::vector<std::vector<std::size_t>> reach;
    const auto follow = [&](std::size_t x, std::size_t y) {
        while (x < n && y < m && a[begin + x] == b[begin + y]) ++x, ++y;
        return x;
    };
    constexpr auto none = static_cast<std::size_t>(-1);
    const auto at = [&](std::size_t d, std::ptrdiff_t k) {
        const auto i = k + static_cast<std::ptrdiff_t>(d);
        return i < 0 || i > static_cast<std::ptrdiff_t>(2 * d)
                   ? none
                   : reach[d][static_cast<std::size_t>(i)];
    };
    // Returns the position in `a` directly after edit number d, which leads to diagonal k. Sets
    // `inserts` to whether this edit is an insertion.
    const auto step = [&](std::size_t d, std::ptrdiff_t k, bool& inserts) {
        const std::size_t above = at(d - 1, k + 1), left = at(d - 1, k - 1);
        const bool can_insert = above != none && static_cast<std::ptrdiff_t>(above) - k <=
                                                     static_cast<std::ptrdiff_t>(m);
        const bool can_erase = left != none && left < n;
        inserts = can_insert && (!can_erase || above > left);
        return inserts ? above : can_erase ? left + 1 : none;
    };
    const auto diagonal = static_cast<std::ptrdiff_t>(n) - static_cast<std::ptrdiff_t>(m);
    for (std::size_t d = 0; d <= limit; ++d) {
        reach.emplace_back(2 * d + 1, none);
        for (auto k = -static_cast<std::ptrdiff_t>(d); k <= static_cast<std::ptrdiff_t>(d); ++k) {
            if ((k + static_cast<std::ptrdiff_t>(d)) % 2 != 0) continue;
            bool inserts = false;
            std::size_t x = d == 0 ? 0 : step(d, k, inserts);
            if (x == none) continue;
            const auto y = static_cast<std::ptrdiff_t>(x) - k;
            if (y < 0 || y > static_cast<std::ptrdiff_t>(m)) continue;
            x = follow(x, static_cast<std::size_t>(y));
            reach[d][static_cast<std::size_t>(k + static_cast<std::ptrdiff_t>(d))] = x;
        }
        if (at(d, diagonal) != n) continue;
        std::vector<DiffEdit> edits;
        std::ptrdiff_t k = diagonal;
        for (std::size_t i = d; i > 0; --i) {
            bool inserts = false;
            const std::size_t x = step(i, k, inserts);
            const auto y = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(x) - k);
            const DiffEdit edit = inserts ? DiffEdit{begin + x, 0, begin + y - 1, 1}
                                          : DiffEdit{begin + x - 1, 1, begin + y, 0};
            k += inserts ? 1 : -1;
            if (!edits.empty() && edit.index + edit.erased == edits.back().index &&
                edit.from + edit.inserted == edits.back().from) {
                edits.back() = {edit.index, edit.erased + edits.back().erased, edit.from,
                                edit.inserted + edits.back().inserted};
            } else {
                edits.push_back(edit);
            }
        }
        return {edits.rbegin(), edits.rend()};
    }
    return {{begin, n, begin, m}};
}

/// Calls visit(index, erased, inserted) for the edits that text_diff() finds between two texts in
/// UTF-8. `erased` is the number of code points that are erased from `index` on, and `inserted` is
/// the text that replaces them. The edit with the largest index comes first. So when `visit`
/// applies an edit, the indices of the next calls stay right.
template <class Visit>
void visit_edits(std::string_view before, std::string_view after, Visit&& visit) {
    const CodePoints wanted = code_points_of(after);
    const auto edits = text_diff(code_points_of(before), wanted);
    for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
        std::string inserted;
        for (std::size_t i = 0; i < edit->inserted; ++i)
            append_utf8(inserted, wanted[edit->from + i]);
        visit(edit->index, edit->erased, inserted);
    }
}

}  // namespace crdt::detail
