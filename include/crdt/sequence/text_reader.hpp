// SPDX-License-Identifier: MIT
//! TextReader: the read-only members of a Text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/detail/inlining.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/cursor.hpp>
#include <crdt/sequence/dot_sequence.hpp>
#include <crdt/sequence/text_iterator.hpp>
#include <crdt/sequence/text_offsets.hpp>

namespace crdt {

/// The read-only members of a Text. The text and its views derive from this class. The first read
/// after a copy, or after a change that moves code points, also makes the index of the order in O(n
/// log n).
template <class Self, ReplicaId Id>
class TextReader {
    using Columns = detail::SequenceColumns<Id>;
    using Index = detail::OrderIndex<Id>;

    const DotSequence<Id>& all_slots() const { return static_cast<const Self&>(*this).store(); }
    const Index& order() const {
        return all_slots().order(static_cast<const Self&>(*this).context());
    }

  public:
    /// The type of code points.
    using value_type = char32_t;
    /// The iterator. It visits the code points in the order of the text.
    using const_iterator = TextIterator<Id>;
    /// The same as const_iterator: code points cannot be changed in place.
    using iterator = const_iterator;

    /// Returns the position of the first code point. O(1).
    const_iterator begin() const {
        return const_iterator(all_slots().columns(), {order().tree().first(), 0, 0});
    }
    /// Returns the position past the last code point. O(1).
    const_iterator end() const { return {}; }
    /// Returns the number of code points. O(1).
    std::size_t size() const { return static_cast<std::size_t>(order().size().points); }
    /// Is there no code point? O(1).
    bool empty() const { return size() == 0; }
    /// Returns the text in UTF-8. O(n).
    std::string str() const {
        std::string text;
        text.reserve(static_cast<std::size_t>(order().size().bytes));
        append(text, 0, size());
        return text;
    }
    /// Returns the code points from `index` to the end, in UTF-8. O(log n + size() - index). Throws
    /// std::out_of_range if `index` is greater than size().
    std::string substr(std::size_t index) const {
        check_index("Text::substr", index, 0);
        return substr(index, size() - index);
    }
    /// Returns `count` code points from `index` on, in UTF-8. O(log n + count). Throws
    /// std::out_of_range if the text has fewer than `count` code points from `index` on.
    std::string substr(std::size_t index, std::size_t count) const {
        check_index("Text::substr", index, count);
        std::string text;
        append(text, index, count);
        return text;
    }
    /// Returns code point `index`. O(log n). Throws std::out_of_range if the text has no such code
    /// point.
    char32_t at(std::size_t index) const {
        check_index("Text::at", index, 1);
        const auto place = order().at(index);
        return all_slots().columns().line(place.span().line).letters.at(place.number());
    }
    /// Returns a view with offsets that count bytes of UTF-8. O(1).
    TextOffsets<Id> bytes() const {
        return {order(), all_slots().columns(), &detail::TextSize::bytes};
    }
    /// Returns a view with offsets that count UTF-16 code units. O(1).
    TextOffsets<Id> utf16() const {
        return {order(), all_slots().columns(), &detail::TextSize::units};
    }
    /// Returns a cursor before code point `index`, or at the end if `index` is size(). If `side` is
    /// left, the cursor stays directly after code point `index` - 1. If `side` is right, it stays
    /// directly before code point `index`. O(log n). Throws std::out_of_range if `index` is greater
    /// than size().
    Cursor<Id> cursor(std::size_t index, Side side) const {
        check_index("Text::cursor", index, 0);
        if (side == Side::left ? index == 0 : index == size()) return {{}, side};
        const auto place = order().at(side == Side::left ? index - 1 : index);
        return {{all_slots().columns().replicas()[place.span().line], place.number()}, side};
    }
    /// Returns the index of a cursor. If the code point of the cursor is erased, this is the index
    /// where the code point was. If the code point has not been received, or its slot was removed,
    /// the result is 0 for the left side, and size() for the right side. O(log n). The first call
    /// after the order was made is O(n log n).
    std::size_t index_of(const Cursor<Id>& cursor) const {
        const auto place = place_of(cursor.dot);
        if (!place) return cursor.side == Side::left ? 0 : size();
        const std::uint64_t behind = cursor.side == Side::left && place.span().is_visible ? 1 : 0;
        return static_cast<std::size_t>(Index::index_of(place) + behind);
    }
    /// Returns where the text shows the code points at `dots`. The result is ranges of code points,
    /// in ascending order: the index and the size of each range. O(log n) for each run and range.
    std::vector<std::pair<std::size_t, std::size_t>> find(const DotSet<Id>& dots) const {
        std::vector<std::pair<std::size_t, std::size_t>> found;
        const Columns& columns = all_slots().columns();
        dots.visit([&](const DotRange<Id>& range) {
            const std::uint32_t line = columns.number_of(range.replica);
            if (line == Columns::none) return;
            order().visit_dots(line, range.first, range.last,
                               [&](std::uint64_t index, std::uint64_t count) {
                                   found.emplace_back(static_cast<std::size_t>(index),
                                                      static_cast<std::size_t>(count));
                               });
        });
        std::sort(found.begin(), found.end());
        std::size_t kept = 0;
        for (std::size_t i = 1; i < found.size(); ++i) {
            if (found[kept].first + found[kept].second == found[i].first)
                found[kept].second += found[i].second;
            else
                found[++kept] = found[i];
        }
        if (!found.empty()) found.resize(kept + 1);
        return found;
    }
    /// Does the slot of `next` follow the slot of `dot` directly? Both slots may be erased. O(log
    /// n).
    bool is_next(const Dot<Id>& dot, const Dot<Id>& next) const {
        const auto place = place_of(dot);
        if (!place) return false;
        const auto behind = detail::OrderTree::next(place);
        return behind && behind.number() == next.sequence &&
               all_slots().columns().replicas()[behind.span().line] == next.replica;
    }
    /// Returns the number of code points that cannot be shown yet. Such a code point waits for its
    /// origin, or for the slot beside which it was inserted. O(n).
    std::size_t waiting() const {
        return static_cast<std::size_t>(order().waiting(all_slots().columns()));
    }
    /// Returns the dots of the erased slots that the state still contains. O(n).
    DotSet<Id> erased() const {
        DotSet<Id> dots;
        all_slots().visit([&](const detail::Slice<Id>& slice) {
            if (slice.status.content == detail::SlotContent::erased)
                dots.add(DotRange<Id>{*slice.replica, slice.first, slice.last});
        });
        return dots;
    }

  protected:
    /// Is the slot of `dot` in the order? A slot is not in the order if it is missing or waits for
    /// another slot.
    bool is_in_order(const Dot<Id>& dot) const { return bool(place_of(dot)); }
    /// Throws std::out_of_range if there are fewer than `count` code points from `index` on.
    void check_index(const char* operation, std::size_t index, std::size_t count) const {
        const std::size_t all = size();
        if (index > all || count > all - index) throw_out_of_range(operation, index, count, all);
    }

  private:
    [[noreturn]] CRDT_NOINLINE static void throw_out_of_range(const char* operation,
                                                              std::size_t index, std::size_t count,
                                                              std::size_t all) {
        detail::throw_or_abort<std::out_of_range>(
            (std::string(operation) + ": " + std::to_string(count) + " code points from index " +
             std::to_string(index) + " on, in a text of " + std::to_string(all))
                .c_str());
    }
    typename Index::Place place_of(const Dot<Id>& dot) const {
        const std::uint32_t line = all_slots().columns().number_of(dot.replica);
        if (line == Columns::none) return {};
        return order().find(detail::Mark{line, dot.sequence});
    }
    void append(std::string& text, std::size_t index, std::size_t count) const {
        const Columns& columns = all_slots().columns();
        order().visit(index, count,
                      [&](const detail::Span& span) { detail::append_text(columns, span, text); });
    }
};

}  // namespace crdt
