// SPDX-License-Identifier: MIT
//! Text: a text that several replicas edit concurrently.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/causal/causal_type.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/compaction.hpp>
#include <crdt/sequence/cursor.hpp>
#include <crdt/sequence/dot_sequence.hpp>
#include <crdt/sequence/text_change.hpp>
#include <crdt/sequence/text_diff.hpp>
#include <crdt/sequence/text_reader.hpp>

namespace crdt {

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class Id = std::string>
class Text : detail::Refused<detail::flaw_of_keys<Id>(), Id> {};  // prints why

/// A text in Unicode. An index counts code points. bytes() and utf16() convert indices to offsets
/// in bytes or in UTF-16 code units, and back.
///
/// State       the states of List<char32_t, Id>: the causal context, and a slot for each inserted
///             code point. A slot was inserted at a place beside another slot. This place is the
///             origin of the slot. A slot has a code point until the code point is erased. Code
///             points that one replica types in a row make one run
/// Order       the order of Causal. At each dot, a slot with its code point < the same slot after
///             its code point was erased;  join: at each dot, the greater slot
/// Bottom      the empty text, empty context
/// Concurrent  all inserts at one place are kept, one after the other. Text that one replica types
///             forwards or backwards is not interleaved with text of other replicas. An erase
///             erases code points that the erasing replica has received. reset(), and the erase of
///             a key of an ORMap, remove all slots that the calling replica has received, but no
///             concurrent inserts
/// Cost        insert and erase O(log n + length), merge O(log n) for each run of the other text.
///             The memory is about two bytes for each code point, and 100 bytes for each run. An
///             erased range leaves slots with their origins, until compact() removes the slots. The
///             first read after a change that moves code points costs O(n log n)
/// Errors      insert and assign throw std::invalid_argument for text that is not UTF-8,
///             std::out_of_range for an index past the end, std::overflow_error when the replica
///             has used all 2^64 - 1 dots; erase, at, substr and cursor throw std::out_of_range;
///             the state is then unchanged
/// Iterators   of code points, invalidated by every change;  Threads  as a standard container
/// Beware      reset() and the erase of a key remove slots. If another replica concurrently inserts
///             code points beside these slots, the code points stay, but their order can change
/// Source      Weidner, Kleppmann: The Art of the Fugue (2023)
///
/// Example (tests/examples/text.cpp):
///     crdt::Text<> a, b;
///     b.merge(a.insert("ann", 0, "hello"));
///     a.erase(1, 4);
///     b.insert("bob", 5, " world");
///     a.merge(b);  // a.str() == "h world"
template <ReplicaId Id>
class Text<Id> : public CausalType<Text<Id>, DotSequence<Id>>, public TextReader<Text<Id>, Id> {
    using Store = DotSequence<Id>;

    /// Throws if `utf8` is not UTF-8 or `index` is past the end. Returns the sizes of `utf8`.
    detail::TextSize check_insert(std::size_t index, std::string_view utf8) const {
        detail::TextSize size;
        if (!detail::measure_utf8(utf8, size))
            detail::throw_or_abort<std::invalid_argument>("Text::insert: the text is not UTF-8");
        this->check_index("Text::insert", index, 0);
        return size;
    }
    /// Inserts `utf8` at the place that find_gap(order) returns. `size` has the sizes of `utf8`.
    /// Returns the delta.
    template <class FindGap>
    Text insert_at(const Id& id, std::string_view utf8, const detail::TextSize& size,
                   const FindGap& find_gap) {
        Text delta;
        if (utf8.empty()) return delta;
        ReplicaName<Id> name = this->context().name(id);
        const std::uint64_t last = this->context().last(name);
        if ((std::numeric_limits<std::uint64_t>::max)() - last < size.points)
            detail::throw_or_abort<std::overflow_error>(
                "Text::insert: the replica has used all 2^64 - 1 dots");
        this->state().insert_by(
            delta.state(), {std::move(name), last + 1, last + size.points},
            [&](Store& store) { return store.find_gap(this->context(), find_gap); },
            [&](Store& store, Store& added, const DotRange<Id>& dots, const auto& gap) {
                store.insert(added, gap, dots, utf8, size);
            });
        return delta;
    }

  public:
    /// The base class with the read-only members. Views of a value in a map or a record use it too.
    template <class Self>
    using Reader = TextReader<Self, Id>;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "text";
    /// true, because a text looks empty when all its code points are erased, although it still has
    /// slots.
    static constexpr bool has_hidden_states = true;

    /// Makes the empty text.
    Text() = default;
    /// Makes the text `utf8`, inserted by `id`.
    Text(const Id& id, std::string_view utf8) { insert(id, 0, utf8); }

    /// Inserts `utf8` before code point `index`, or after the last code point if `index` is size().
    /// Returns the delta: one new dot for each code point. O(log n + length). Throws
    /// std::invalid_argument if `utf8` is not UTF-8, std::out_of_range if `index` is greater than
    /// size(), and std::overflow_error after 2^64 - 1 code points of `id`; the state is then
    /// unchanged.
    Text insert(const Id& id, std::size_t index, std::string_view utf8) {
        const detail::TextSize size = check_insert(index, utf8);
        return insert_at(id, utf8, size, [&](auto& order) { return order.gap(index); });
    }
    /// Inserts `utf8` at a cursor. If the code point beside the cursor is erased, inserts `utf8`
    /// exactly at the place of the erased code point, even if other replicas have inserted text
    /// there. Returns the delta. Cost and errors are those of the overload above.
    Text insert(const Id& id, const Cursor<Id>& cursor, std::string_view utf8) {
        if (!this->is_in_order(cursor.dot)) return insert(id, this->index_of(cursor), utf8);
        const detail::TextSize size = check_insert(0, utf8);
        const Side side = cursor.side == Side::left ? Side::right : Side::left;
        return insert_at(id, utf8, size, [&](auto& order) {
            const auto& columns = this->store().columns();
            return order.gap_beside({columns.number_of(cursor.dot.replica), cursor.dot.sequence},
                                    side);
        });
    }
    /// Erases `count` code points from `index` on. Returns the delta. The state drops the code
    /// points, but keeps their slots until compact(). O(log n) for each run. Throws
    /// std::out_of_range if the text has fewer than `count` code points from `index` on; the state
    /// is then unchanged.
    Text erase(std::size_t index, std::size_t count = 1) {
        this->check_index("Text::erase", index, count);
        Text delta;
        if (count == 0) return delta;
        this->state().update_by(delta.state(), [&](Store& store, Store& changes, DotSet<Id>& dots) {
            return store.prepare_erase(changes, dots, this->context(), index, count);
        });
        return delta;
    }
    /// Changes the text to `utf8` by the smallest edit, which keeps the code points that the two
    /// texts share. If more than 500 code points differ, replaces all code points between the first
    /// difference and the last. Returns the delta. O(n), plus the square of the number of different
    /// code points. Throws as insert() does. assign() is for programs that have only whole texts.
    /// An editor should call insert() and erase().
    Text assign(const Id& id, std::string_view utf8) {
        check_insert(0, utf8);
        Text next = *this, delta;
        detail::visit_edits(
            this->str(), utf8,
            [&](std::size_t index, std::size_t erased, const std::string& inserted) {
                delta.merge(next.erase(index, erased));
                delta.merge(next.insert(id, index, inserted));
            });
        *this = std::move(next);
        return delta;
    }
    /// Erases all code points that this replica has received. Returns the delta.
    Text clear() { return erase(0, this->size()); }
    /// Removes the erased slots with dots in `stable`. If the place of another slot depends on an
    /// erased slot, the erased slot stays. Returns the delta. O(n).
    ///
    /// `stable` should be an earlier result of erased(). Call compact() only when two conditions
    /// hold: all replicas have received these erasures, and this replica has received everything
    /// that the other replicas wrote before they received these erasures. Then compact() moves no
    /// code point. If `stable` contains more dots, replicas still converge and no code point is
    /// lost, but code points that are inserted concurrently beside a removed slot can move.
    Text compact(const DotSet<Id>& stable) {
        const Store& store = this->store();
        detail::Compaction<Id> compaction(store.columns(), store.order(this->context()),
                                          intersection(stable, this->erased()));
        return this->change(compaction.run());
    }
    using CausalType<Text, Store>::merge;
    /// this := this ⊔ other. After the merge, calls observer(const TextChange&) for each change of
    /// the visible text, in the order in which an editor must apply the changes. Returns true iff
    /// this grew. The cost is that of merge(), plus O(log n) for each change. A change that moves
    /// code points is reported as one replacement.
    template <class Observer>
    bool merge(const Text& other, Observer&& observer) {
        detail::TextRecorder<Id> recorder(this->store(), this->context());
        const bool grew = merge(other);
        if (grew) recorder.report(this->context(), observer);
        return grew;
    }

    /// Does `store` contain no code point?
    static bool is_empty(const Store& store) { return !store.has_text(); }
};

}  // namespace crdt
