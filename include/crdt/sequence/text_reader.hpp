// SPDX-License-Identifier: MIT
//! TextReader: the read-only members of a Text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_sequence.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/cursor.hpp>

namespace crdt {

/// The read-only members of a Text. The text and its views derive from this class.
template <class Self, ReplicaId Id>
class TextReader {
    using Columns = detail::SequenceColumns<Id>;
    using Index = detail::OrderIndex<Id>;

    const DotSequence<Id>& slots() const { return static_cast<const Self&>(*this).store(); }
    const Index& order() const { return slots().order(static_cast<const Self&>(*this).context()); }

  public:
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
    /// Returns `count` code points from `index` on, in UTF-8. O(log n + count). Throws
    /// std::out_of_range if there are fewer.
    std::string substr(std::size_t index, std::size_t count) const {
        check_index("Text::substr", index, count);
        std::string text;
        append(text, index, count);
        return text;
    }
    /// Returns code point `index`. O(log n). Throws std::out_of_range if there is none.
    char32_t at(std::size_t index) const {
        check_index("Text::at", index, 1);
        const auto place = order().at(index);
        return slots().columns().line(place.span().line).letters.at(place.number());
    }
    /// Returns the number of code points that cannot be shown yet, because another part of a change
    /// has not been received: their own place, or the slot beside which they were typed. O(n).
    std::size_t waiting() const {
        return static_cast<std::size_t>(order().waiting(slots().columns()));
    }
    /// Returns the dots of the erased code points whose places the state still has. O(n).
    DotSet<Id> erased() const {
        DotSet<Id> dots;
        slots().visit([&](const detail::Slice<Id>& slice) {
            if (slice.status.content == detail::SlotContent::erased)
                dots.add(DotRange<Id>{*slice.replica, slice.first, slice.last});
        });
        return dots;
    }

  protected:
    /// Throws std::out_of_range unless there are `count` code points from `index` on.
    void check_index(const char* operation, std::size_t index, std::size_t count) const {
        const std::size_t all = size();
        if (index <= all && count <= all - index) return;
        detail::throw_or_abort<std::out_of_range>(
            (std::string(operation) + ": " + std::to_string(count) + " code points from index " +
             std::to_string(index) + " on, in a text of " + std::to_string(all))
                .c_str());
    }

  private:
    void append(std::string& text, std::size_t index, std::size_t count) const {
        const Columns& columns = slots().columns();
        order().visit(index, count,
                      [&](const detail::Span& span) { Index::append_text(columns, span, text); });
    }
};

}  // namespace crdt
