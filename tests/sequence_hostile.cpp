// SPDX-License-Identifier: MIT
//! What lists, texts and maps of them show when a state is hostile: cycles, parents that do not
//! exist, deep trees and long ranges.
#include <cstdint>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/list.hpp>
#include <crdt/ormap.hpp>
#include <crdt/text.hpp>

#include "support/failing_new.hpp"
#include "support/hostile_sequence.hpp"
#include "support/sanitized.hpp"
#include "support/sequence_model.hpp"

namespace sequence_hostile_tests {

using crdt::List;
using crdt::Origin;
using crdt::Side;
using crdt::Text;
using support::SlotBuilder;
using support::whole_slot;

namespace {

template <class Seq>
using MapOfSequences = crdt::ORMap<std::string, Seq>;

/// Both codecs give it back.
template <class L>
void check_codecs(const L& state) {
    CHECK(*crdt::json::try_decode_value<L>(crdt::json::encode_value(state)) == state);
    CHECK(*crdt::binary::try_decode_value<L>(crdt::binary::encode_value(state)) == state);
}

/// Slots 1 and 2 of "a" are children of each other, and slot 3 is its own child.
template <class Seq>
Seq cycles() {
    SlotBuilder<Seq> builder;
    builder.add({"a", 1}, {{"a", 2}, Side::left}, whole_slot);
    builder.add({"a", 2}, {{"a", 1}, Side::left}, whole_slot);
    builder.add({"a", 3}, {{"a", 3}, Side::right}, whole_slot);
    return builder.take();
}
/// A slot of "a" with a parent of "nobody".
template <class Seq>
Seq child_of_nobody() {
    SlotBuilder<Seq> builder;
    builder.add({"a", 1}, {{"nobody", 9}, Side::right}, whole_slot, 'a');
    builder.add({"a", 2}, {{"a", 1}, Side::right}, whole_slot, 'b');
    return builder.take();
}
/// Removed dots of a writer.
template <class L>
L removed(const std::string& id, std::uint64_t first, std::uint64_t last) {
    return L::from_lattice(
        typename L::lattice_type({}, crdt::DotSet<>(crdt::DotRange<>{id, first, last})));
}
template <class Seq>
MapOfSequences<Seq> map_with(const Seq& value) {
    MapOfSequences<Seq> map;
    map.update("key", [&](Seq& sequence) { return sequence.absorb(value); });
    return map;
}

}  // namespace

TEST_CASE_TEMPLATE("sequences: a million slots, each the child of the one before", Seq, List<char>,
                   Text<>) {
    // With sanitizers, functions take more of the stack, and more time.
    constexpr std::uint64_t depth = support::sanitized ? 30'000 : 1'000'000;
    const std::string ids[] = {"a", "b"};
    // Two writers take turns, and their sides alternate, so that each slot is a run of its own.
    SlotBuilder<Seq> builder;
    for (std::uint64_t writer = 0; writer < 2; ++writer) {
        for (std::uint64_t i = writer; i < depth; i += 2) {
            Origin<> origin;
            if (i != 0)
                origin = {{ids[1 - writer], (i - 1) / 2 + 1}, i % 4 < 2 ? Side::right : Side::left};
            builder.add({ids[writer], i / 2 + 1}, origin, whole_slot);
        }
    }
    Seq sequence = builder.take();
    CHECK(sequence.size() == depth);
    CHECK(sequence.waiting() == 0);
    Seq other = sequence;
    other.merge(support::put(sequence, std::string("c"), depth / 2, 'y'));
    other.merge(support::put(sequence, std::string("a"), 0, 'z'));
    other.merge(sequence.erase(depth / 3, 10));
    CHECK(support::shown(other) == support::shown(sequence));
    CHECK(other == sequence);
    CHECK(sequence.size() == depth - 8);
}

TEST_CASE_TEMPLATE("sequences: cycles of origins are not reached, and wait", Seq, List<char>,
                   Text<>) {
    Seq sequence = cycles<Seq>();
    CHECK(sequence.empty());
    CHECK(sequence.waiting() == 3);
    support::type(sequence, "b", 0, "hi");
    sequence.merge(cycles<Seq>());
    CHECK(support::shown(sequence) == "hi");
    check_codecs(sequence);
    sequence.compact(sequence.erased());
    CHECK(sequence.waiting() == 3);
}

TEST_CASE_TEMPLATE("sequences: slots with parents of unknown replicas wait", Seq, List<char>,
                   Text<>) {
    Seq sequence = child_of_nobody<Seq>();
    CHECK(sequence.empty());
    CHECK(sequence.waiting() == 2);
    // Once their parent is removed, they stand at the start.
    sequence.merge(removed<Seq>("nobody", 9, 9));
    CHECK(support::shown(sequence) == "ab");
    CHECK(sequence.waiting() == 0);
    check_codecs(sequence);
}

TEST_CASE(
    "Text: the index is made once, also if one parent is removed and another one is unknown") {
    Text<> text = child_of_nobody<Text<>>();
    SlotBuilder<Text<>> builder;
    builder.add({"b", 1}, {{"gone", 1}, Side::right}, whole_slot, 'c');
    text.merge(builder.take());
    text.merge(removed<Text<>>("gone", 1, 1));
    const Text<> copy = text;
    CHECK(copy.str() == "c");
    CHECK(copy.waiting() == 2);
    CHECK_FALSE(support::fails_allocation(0, [&] { (void)copy.size(); }));
}

TEST_CASE_TEMPLATE("sequences: what is typed is shown, also if a hostile slot waits for its dot",
                   Seq, List<char>, Text<>) {
    SlotBuilder<Seq> builder;
    builder.add({"x", 1}, {{"ann", 1}, Side::right}, whole_slot);
    builder.add({"x", 2}, {{"x", 1}, Side::left}, whole_slot, 'y');
    const Seq hostile = builder.take();
    Seq sequence = hostile;
    CHECK(sequence.waiting() == 2);
    Seq other = hostile;
    other.merge(support::put(sequence, std::string("ann"), 0, 'a'));
    CHECK(support::shown(sequence) == "ayx");
    CHECK(sequence.waiting() == 0);
    other.merge(support::put(sequence, std::string("ann"), 1, 'b'));
    CHECK(support::shown(sequence) == "abyx");
    CHECK(support::shown(other) == "abyx");
    CHECK(other == sequence);
    check_codecs(sequence);
}

TEST_CASE_TEMPLATE("sequences: a map of values with cycles and unknown parents", Seq, List<char>,
                   Text<>) {
    using Map = MapOfSequences<Seq>;
    for (const Seq& value : {cycles<Seq>(), child_of_nobody<Seq>()}) {
        const Map hostile = map_with(value);
        Map map = hostile;
        CHECK(map.view("key").size() == 0);
        check_codecs(map);
        map.update("key", [](Seq& sequence) { return support::type(sequence, "b", 0, "hi"); });
        map.merge(hostile);
        CHECK(support::shown(map.view("key").copy_with_context()) == "hi");
        // The erase of the key removes the waiting slots, too.
        Map other = map;
        other.merge(map.erase("b", "key"));
        CHECK(map.store().size() == 0);
        CHECK(other == map);
        map.merge(hostile);
        CHECK(other == map);
        check_codecs(map);
    }
}

TEST_CASE_TEMPLATE("sequences: a parent at another key of a map counts as removed", Seq, List<char>,
                   Text<>) {
    using Map = MapOfSequences<Seq>;
    Map map = map_with(child_of_nobody<Seq>());
    SlotBuilder<Seq> builder;
    builder.add({"nobody", 9}, Origin<>(), whole_slot, 'n');
    Map other;
    other.update("other", [&](Seq& sequence) { return sequence.absorb(builder.take()); });
    Map joined = other;
    joined.merge(map);
    map.merge(other);
    CHECK(map == joined);
    for (const Map& each : {map, joined}) {
        CHECK(support::shown(each.view("key").copy_with_context()) == "ab");
        CHECK(support::shown(each.view("other").copy_with_context()) == "n");
    }
    check_codecs(map);
}

TEST_CASE("ORMap of Text: a run of 2^40 slots, and its removal, cost as much as one slot") {
    using Map = MapOfSequences<Text<>>;
    constexpr std::uint64_t many = std::uint64_t{1} << 40U;
    SlotBuilder<Text<>> builder;
    builder.add_run({"a", 1}, many, Origin<>(), {true, support::SlotContent::erased});
    builder.add({"b", 1}, {{"a", 77'777}, Side::left}, whole_slot, 'k');
    Map map = map_with(builder.take());
    CHECK(support::shown(map.view("key").copy_with_context()) == "k");
    CHECK(range_count(map) < 10);
    CHECK(part_count(map) > many);
    check_codecs(map);
    map.update("key", [](Text<>& text) { return text.insert("c", 0, "o"); });
    Map other;
    CHECK(other.absorb(map) == map);
    CHECK(difference(map, digest(other)).is_bottom());
    other.merge(map.erase("c", "key"));
    CHECK(map.empty());
    CHECK(map == other);
    CHECK(map.context().size() > many);
    CHECK(range_count(map) < 10);
}

}  // namespace sequence_hostile_tests
