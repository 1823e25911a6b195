// SPDX-License-Identifier: MIT
//! TextChange: a change that a merge makes in a text, for an editor that shows the text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <crdt/causal/causal_context.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/dot_sequence.hpp>
#include <crdt/sequence/order_index.hpp>

namespace crdt {

/// A change of the visible text. It replaces a range of code points by the text `inserted`. The
/// range begins at the index `index` and has `erased` code points. Apply the changes one after the
/// other. `index` counts code points of the text to which all earlier changes were applied.
struct TextChange {
    /// The index of the first code point that is erased or inserted.
    std::size_t index = 0;
    /// The number of code points that are erased.
    std::size_t erased = 0;
    /// The text that is inserted, in UTF-8. The view is valid only during the call of the observer.
    std::string_view inserted{};
};

namespace detail {

/// Records the changes of the visible text of a sequence, from the construction of the recorder to
/// its destruction.
template <ReplicaId Id>
class TextRecorder {
    using Index = OrderIndex<Id>;

    const DotSequence<Id>& store_;
    std::uint64_t size_before_;
    OrderJournal<Id> journal_{};

    static std::vector<Span> spans_of(const Index& order) {
        std::vector<Span> spans;
        order.visit(0, order.size().points, [&](const Span& span) { spans.push_back(span); });
        return spans;
    }
    /// Returns the number of code points that `a` and `b` have in common at their beginning, or at
    /// their end if `from_end`. The result is at most `limit`.
    static std::uint64_t common(const std::vector<Span>& a, const std::vector<Span>& b,
                                bool from_end, std::uint64_t limit) {
        const auto nth = [&](const std::vector<Span>& spans, std::size_t i) -> const Span& {
            return from_end ? spans[spans.size() - 1 - i] : spans[i];
        };
        std::uint64_t total = 0, used_a = 0, used_b = 0;
        for (std::size_t i = 0, j = 0; i < a.size() && j < b.size() && total < limit;) {
            const Span &x = nth(a, i), &y = nth(b, j);
            const std::uint64_t left_x = x.length - used_a, left_y = y.length - used_b;
            std::uint64_t count = (min)((min)(left_x, left_y), limit - total);
            const auto at = [&](const Span& span, std::uint64_t used, std::uint64_t step) {
                return span.at(from_end ? span.length - 1 - used - step : used + step);
            };
            const bool matches = x.line == y.line && at(x, used_a, 0) == at(y, used_b, 0);
            if (!matches) break;
            // Both spans begin with the same dot here. If their second dots are equal too, both
            // have the same direction, so `count` dots are equal.
            if (count > 1 && at(x, used_a, 1) != at(y, used_b, 1)) count = 1;
            total += count;
            if ((used_a += count) == x.length) used_a = 0, ++i;
            if ((used_b += count) == y.length) used_b = 0, ++j;
        }
        return total;
    }
    /// Calls observer(change) with one change that turns the text of `before` into the text of
    /// `after`.
    template <class Observer>
    void observe_difference(const Index& before, const Index& after, Observer& observer) const {
        const auto old_spans = spans_of(before), new_spans = spans_of(after);
        const std::uint64_t old_size = before.size().points, new_size = after.size().points;
        const std::uint64_t smaller = (min)(old_size, new_size);
        const std::uint64_t prefix = common(old_spans, new_spans, false, smaller);
        const std::uint64_t suffix = common(old_spans, new_spans, true, smaller - prefix);
        observe_rest(after, prefix, old_size - prefix - suffix, new_size - prefix - suffix,
                     observer);
    }
    template <class Observer>
    void observe_rest(const Index& after, std::uint64_t index, std::uint64_t erased,
                      std::uint64_t inserted, Observer& observer) const {
        if (erased == 0 && inserted == 0) return;
        std::string text;
        after.visit(index, inserted,
                    [&](const Span& span) { append_text(store_.columns(), span, text); });
        observer(
            TextChange{static_cast<std::size_t>(index), static_cast<std::size_t>(erased), text});
    }

  public:
    TextRecorder(const DotSequence<Id>& store, const CausalContext<Id>& context) : store_(store) {
        const Index& order = store.order(context);
        size_before_ = order.size().points;
        if (!store.is_bottom()) order.set_journal(&journal_);
    }
    TextRecorder(const TextRecorder&) = delete;
    TextRecorder& operator=(const TextRecorder&) = delete;
    ~TextRecorder() { store_.end_journal(); }

    /// Calls observer(change) for each change, in the order in which the observer must apply them.
    template <class Observer>
    void report(const CausalContext<Id>& context, Observer& observer) const {
        const Index& after = store_.order(context);
        const bool has_journal = after.journal() == &journal_ || journal_.retired.get() != nullptr;
        if (journal_.is_lost || !has_journal)
            return observe_rest(after, 0, size_before_, after.size().points, observer);
        for (const OrderChange& change : journal_.changes)
            observer(TextChange{static_cast<std::size_t>(change.index),
                                static_cast<std::size_t>(change.erased), change.inserted});
        if (const Index* const before = journal_.retired.get())
            observe_difference(*before, after, observer);
    }
};

}  // namespace detail

}  // namespace crdt
