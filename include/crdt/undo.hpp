// SPDX-License-Identifier: MIT
//! Undo: undoes and redoes the edits that one user has made in a text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/cursor.hpp>
#include <crdt/sequence/text_diff.hpp>
#include <crdt/text.hpp>

namespace crdt {

/// Undoes and redoes edits of a T. See Undo<Text<Id>>.
template <class T>
class Undo;

/// Records the edits that one user makes in a text, and can undo and redo them. Edits of other
/// users stay. An undo or a redo is an ordinary edit with an ordinary delta, and the text that it
/// restores has new dots. An Undo object belongs to one user, and is not part of the state of the
/// text.
///
/// Beware   restored text is inserted beside the slots of the erased text. Text::compact() can
///          remove these slots. So do not compact erasures that users may still undo
///
/// Cost    the cost of the edits; memory for the text of all erased code points
/// Errors  the errors of the edits; after an error nothing has changed
///
/// Example (tests/examples/undo.cpp):
///     crdt::Text<> text;
///     crdt::Undo<crdt::Text<>> undo;
///     undo.insert(text, "ann", 0, "hello");
///     undo.erase(text, 1, 4);
///     text.insert("bob", 1, "!");
///     undo.undo(text, "ann");  // text.str() == "h!ello"
///     undo.undo(text, "ann");  // text.str() == "!"
///     undo.redo(text, "ann");  // text.str() == "h!ello"
template <ReplicaId Id>
class Undo<Text<Id>> {
    /// An edit that was made. An insert has the dots of the inserted code points. An erasure has
    /// the erased text and the dot of each erased code point.
    struct Edit {
        DotSet<Id> inserted{};
        std::vector<Dot<Id>> dots{};
        std::string erased{};
    };
    using Step = std::vector<Edit>;

    std::vector<Step> done_{};
    std::vector<Step> undone_{};

    /// Inserts `utf8` at `place`, which is an index or a cursor. Adds the edit to `step`.
    static Text<Id> do_insert(Text<Id>& text, const Id& id, const auto& place,
                              std::string_view utf8, Step& step) {
        Text<Id> delta = text.insert(id, place, utf8);
        step.push_back({delta.context(), {}, {}});
        return delta;
    }
    static Text<Id> do_erase(Text<Id>& text, std::size_t index, std::size_t count, Step& step) {
        if (index > text.size() || count > text.size() - index)
            return text.erase(index, count);  // throws std::out_of_range
        Edit edit{{}, {}, text.substr(index, count)};
        for (std::size_t i = 0; i < count; ++i)
            edit.dots.push_back(text.cursor(index + i, Side::right).dot);
        Text<Id> delta = text.erase(index, count);
        step.push_back(std::move(edit));
        return delta;
    }
    /// Makes the undo of an insert also erase code points that were restored: adds their new dots
    /// to the edits in `steps` that had inserted them. `erased` has the old dots of the restored
    /// code points, and their new dots begin at `first`.
    static void replace(std::vector<Step>& steps, const std::vector<Dot<Id>>& erased,
                        const Dot<Id>& first) {
        for (Step& step : steps) {
            for (Edit& edit : step) {
                for (std::size_t i = 0; i < erased.size(); ++i)
                    if (edit.inserted.contains(erased[i]))
                        edit.inserted.add(Dot<Id>{first.replica, first.sequence + i});
            }
        }
    }
    /// Inserts the erased text of `edit` again. If the slots of consecutive code points still
    /// follow one another, these code points are inserted as one text.
    static Text<Id> bring_back(Text<Id>& text, const Id& id, const Edit& edit, Step& inverse,
                               std::vector<Step>& others) {
        Text<Id> delta;
        std::string_view rest = edit.erased;
        for (std::size_t begin = 0; begin < edit.dots.size();) {
            std::size_t end = begin + 1;
            while (end < edit.dots.size() && text.is_next(edit.dots[end - 1], edit.dots[end]))
                ++end;
            const std::size_t size = detail::utf8_prefix(rest, end - begin);
            const Dot<Id> first = text.context().next(id);
            Text<Id> back = text.insert(id, {edit.dots[begin], Side::right}, rest.substr(0, size));
            rest.remove_prefix(size);
            inverse.push_back({back.context(), {}, {}});
            replace(others,
                    {edit.dots.begin() + static_cast<std::ptrdiff_t>(begin),
                     edit.dots.begin() + static_cast<std::ptrdiff_t>(end)},
                    first);
            delta.merge(back);
            begin = end;
        }
        return delta;
    }
    /// Reverts the edits of `step`, the last edit first. Returns the delta. Stores the reverting
    /// edits in `inverse`.
    static Text<Id> revert(Text<Id>& text, const Id& id, const Step& step, Step& inverse,
                           std::vector<Step>& others) {
        Text<Id> delta;
        for (auto edit = step.rbegin(); edit != step.rend(); ++edit) {
            if (!edit->erased.empty()) {
                delta.merge(bring_back(text, id, *edit, inverse, others));
                continue;
            }
            const auto ranges = text.find(edit->inserted);
            for (auto range = ranges.rbegin(); range != ranges.rend(); ++range)
                delta.merge(do_erase(text, range->first, range->second, inverse));
        }
        return delta;
    }
    Text<Id> move_step(Text<Id>& text, const Id& id, std::vector<Step>& from,
                       std::vector<Step>& to) {
        if (from.empty()) return {};
        Step inverse;
        Text<Id> next = text;
        std::vector<Step> rest = from;
        const Step step = std::move(rest.back());
        rest.pop_back();
        Text<Id> delta = revert(next, id, step, inverse, rest);
        to.push_back(std::move(inverse));
        from = std::move(rest);
        text = std::move(next);
        return delta;
    }

    void add_step(Step step) {
        done_.push_back(std::move(step));
        undone_.clear();
    }

  public:
    /// Inserts text as Text::insert() does, as one step. Returns the delta.
    Text<Id> insert(Text<Id>& text, const Id& id, std::size_t index, std::string_view utf8) {
        Step step;
        Text<Id> delta = do_insert(text, id, index, utf8, step);
        add_step(std::move(step));
        return delta;
    }
    /// Inserts text at a cursor as Text::insert() does, as one step. Returns the delta.
    Text<Id> insert(Text<Id>& text, const Id& id, const Cursor<Id>& cursor, std::string_view utf8) {
        Step step;
        Text<Id> delta = do_insert(text, id, cursor, utf8, step);
        add_step(std::move(step));
        return delta;
    }
    /// Erases code points as Text::erase() does, as one step. Returns the delta.
    Text<Id> erase(Text<Id>& text, std::size_t index, std::size_t count = 1) {
        Step step;
        Text<Id> delta = do_erase(text, index, count, step);
        add_step(std::move(step));
        return delta;
    }
    /// Changes the text to `utf8` as Text::assign() does, as one step. Returns the delta.
    Text<Id> assign(Text<Id>& text, const Id& id, std::string_view utf8) {
        if (detail::TextSize size; !detail::measure_utf8(utf8, size))
            return text.assign(id, utf8);  // throws std::invalid_argument
        Step step;
        Text<Id> next = text, delta;
        detail::visit_edits(
            text.str(), utf8,
            [&](std::size_t index, std::size_t erased, const std::string& inserted) {
                if (erased != 0) delta.merge(do_erase(next, index, erased, step));
                if (!inserted.empty()) delta.merge(do_insert(next, id, index, inserted, step));
            });
        add_step(std::move(step));
        text = std::move(next);
        return delta;
    }
    /// Joins the last two steps into one step, for example when two letters of a word were typed.
    void join_steps() {
        if (done_.size() < 2) return;
        Step last = std::move(done_.back());
        done_.pop_back();
        for (Edit& edit : last) done_.back().push_back(std::move(edit));
    }
    /// Is there a step to undo?
    bool can_undo() const { return !done_.empty(); }
    /// Is there a step to redo?
    bool can_redo() const { return !undone_.empty(); }
    /// Undoes the last step that is not undone: erases the inserted code points that are still in
    /// the text, and inserts the erased text again. Returns the delta, or bottom if there is no
    /// step to undo. O(n).
    Text<Id> undo(Text<Id>& text, const Id& id) { return move_step(text, id, done_, undone_); }
    /// Repeats the step that was undone last. Returns the delta, or bottom if there is no step to
    /// redo. O(n).
    Text<Id> redo(Text<Id>& text, const Id& id) { return move_step(text, id, undone_, done_); }
};

}  // namespace crdt
