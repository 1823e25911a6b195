// SPDX-License-Identifier: MIT
//! The model of sequences: a tree of all inserts that a replica has received, walked by recursion.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <crdt/laws/choices.hpp>
#include <crdt/list.hpp>
#include <crdt/text.hpp>

#include "support/laws.hpp"
#include "support/oracle.hpp"

namespace support {

/// What tests do with a sequence of characters, whatever its type.
template <class Id>
crdt::List<char, Id> put(crdt::List<char, Id>& list, const Id& id, std::size_t index, char letter) {
    return list.insert(id, index, letter);
}
template <class Id>
std::string shown(const crdt::List<char, Id>& list) {
    return {list.begin(), list.end()};
}

template <class Id>
crdt::Text<Id> put(crdt::Text<Id>& text, const Id& id, std::size_t index, char letter) {
    return text.insert(id, index, std::string(1, letter));
}
template <class Id>
std::string shown(const crdt::Text<Id>& text) {
    return text.str();
}

/// Types `letters` from `index` on, one by one. Returns the joined delta.
template <class Seq>
Seq type(Seq& sequence, const std::string& id, std::size_t index, const std::string& letters) {
    Seq delta;
    for (const char letter : letters) delta.merge(put(sequence, id, index++, letter));
    return delta;
}
/// Types so that each letter stands before the one typed before.
template <class Seq>
Seq type_backwards(Seq& sequence, const std::string& id, std::size_t index,
                   const std::string& letters) {
    Seq delta;
    for (auto letter = letters.rbegin(); letter != letters.rend(); ++letter)
        delta.merge(put(sequence, id, index, *letter));
    return delta;
}

struct SequenceOp {
    enum class Kind { insert, erase, reset } kind;
    std::uint64_t place;
    char letter;
};

/// For laws: some write.
inline constexpr auto write_to_sequence = [](auto& sequence, std::size_t replica,
                                             crdt::laws::Choices& choices) {
    using Seq = std::remove_reference_t<decltype(sequence)>;
    const auto id = replica_id<typename Seq::id_type>(replica);
    const std::size_t size = sequence.size();
    const auto kind = choices.below(8);
    const std::size_t place = choices.below(size + 1);
    if (kind == 4 && place < size) return sequence.erase(place, 1 + choices.below(size - place));
    if (kind == 5 && place < size) return sequence.erase(place);
    if (kind == 6 && choices.below(4) == 0) return sequence.reset(id);
    if (kind == 7) return sequence.compact(sequence.erased());
    return put(sequence, id, place, static_cast<char>('a' + choices.below(26)));
};
/// For laws: some write to a map of sequences.
inline constexpr auto write_to_sequences = [](auto& map, std::size_t replica,
                                              crdt::laws::Choices& choices) {
    using Map = std::remove_reference_t<decltype(map)>;
    const std::string key(1, static_cast<char>('a' + choices.below(2)));
    if (choices.below(4) == 0) return map.erase(replica_id<typename Map::id_type>(replica), key);
    return map.update(
        key, [&](auto& sequence) { return write_to_sequence(sequence, replica, choices); });
};

template <class Seq>
struct SequenceModel {
    using State = Seq;
    using Op = SequenceOp;
    using Events = std::vector<Event<Op>>;
    using Known = support::Known;
    using Kind = SequenceOp::Kind;

  private:
    static constexpr std::size_t start = Known::limit;
    /// What an insert wrote, which insert an erase erases, or which ones a reset removes.
    struct Write {
        std::size_t parent = start;  // the event
        bool is_left = false;
        std::uint64_t number = 0;  // of the dot
        std::optional<std::size_t> erased{};
        Known removed{};
    };
    std::vector<Write> writes_;

    /// A view of what is known.
    struct Tree {
        const SequenceModel& model;
        const Events& events;
        Known known;
        std::vector<std::size_t> order{};

        bool is_insert(std::size_t i) const { return events[i].op.kind == Kind::insert; }
        bool is_removed(std::size_t i) const {
            for (std::size_t j = 0; j < events.size(); ++j)
                if (known.has(j) && model.writes_[j].removed.has(i)) return true;
            return false;
        }
        bool is_erased(std::size_t i) const {
            for (std::size_t j = 0; j < events.size(); ++j)
                if (known.has(j) && model.writes_[j].erased == i) return true;
            return false;
        }
        bool is_slot(std::size_t i) const { return known.has(i) && is_insert(i) && !is_removed(i); }
        std::pair<std::size_t, std::uint64_t> dot(std::size_t i) const {
            return {events[i].replica, model.writes_[i].number};
        }
        std::vector<std::size_t> children(std::size_t parent, bool is_left) const {
            std::vector<std::size_t> found;
            for (std::size_t i = 0; i < events.size(); ++i) {
                if (!is_insert(i)) continue;
                const Write& write = model.writes_[i];
                if (is_slot(i) && write.parent == parent && write.is_left == is_left)
                    found.push_back(i);
                // A removed parent stands at the start, by its dot.
                else if (parent == start && !is_left && is_removed(i) && has_slots_at(i))
                    found.push_back(i);
            }
            std::sort(found.begin(), found.end(),
                      [&](std::size_t a, std::size_t b) { return dot(a) < dot(b); });
            return found;
        }
        bool has_slots_at(std::size_t parent) const {
            for (std::size_t i = 0; i < events.size(); ++i)
                if (is_insert(i) && is_slot(i) && model.writes_[i].parent == parent) return true;
            return false;
        }
        void walk(std::size_t node) {
            for (const std::size_t child : children(node, true)) walk(child);
            if (node != start && is_slot(node)) order.push_back(node);
            for (const std::size_t child : children(node, false)) walk(child);
        }
        std::vector<std::size_t> visible() const {
            std::vector<std::size_t> result;
            for (const std::size_t node : order)
                if (!is_erased(node)) result.push_back(node);
            return result;
        }
    };
    Tree tree(const Events& events, Known known) const {
        Tree made{*this, events, known};
        made.walk(start);
        return made;
    }

  public:
    static Op draw(Random& random) {
        constexpr std::array kinds{Kind::insert, Kind::insert, Kind::insert, Kind::insert,
                                   Kind::insert, Kind::erase,  Kind::erase,  Kind::reset};
        const Kind kind = kinds[random.below(kinds.size())];
        if (kind == Kind::reset && random.below(3) != 0) return {Kind::insert, 0, 'z'};
        return {kind, random.below(1000), static_cast<char>('a' + random.below(26))};
    }
    static State run(State& state, std::size_t replica, const Op& op) {
        const std::string& id = replica_name(replica);
        const std::size_t size = state.size();
        if (op.kind == Kind::reset) return state.reset(id);
        if (op.kind == Kind::insert)
            return put(state, id, static_cast<std::size_t>(op.place) % (size + 1), op.letter);
        return size == 0 ? State() : state.erase(static_cast<std::size_t>(op.place) % size);
    }
    /// Works out where the last event wrote, from what its replica had seen.
    void happen(const Events& events) {
        const auto& [replica, op, seen] = events.back();
        const Events before(events.begin(), events.end() - 1);
        const Tree known = tree(before, seen);
        const auto visible = known.visible();
        Write write;
        if (op.kind == Kind::erase && !visible.empty())
            write.erased = visible[static_cast<std::size_t>(op.place) % visible.size()];
        if (op.kind == Kind::reset) {
            for (std::size_t i = 0; i < before.size(); ++i)
                if (known.is_slot(i)) write.removed.add(i);
        }
        if (op.kind == Kind::insert) {
            const std::size_t index = static_cast<std::size_t>(op.place) % (visible.size() + 1);
            const std::size_t left = index == 0 ? start : visible[index - 1];
            write.parent = left;
            if (!known.children(left, false).empty()) {
                const auto at = std::find(known.order.begin(), known.order.end(), left);
                write.parent = left == start ? known.order.front() : *(at + 1);
                write.is_left = true;
            }
            for (const auto& event : before)
                write.number += event.replica == replica && event.op.kind == Kind::insert;
        }
        writes_.push_back(write);
    }
    std::string expected(const Events& events, Known known) const {
        std::string text;
        for (const std::size_t node : tree(events, known).visible()) text += events[node].op.letter;
        return text;
    }
    static std::string actual(const State& state) { return shown(state); }
};

}  // namespace support
