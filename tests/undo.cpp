// SPDX-License-Identifier: MIT
//! Undo: one's own edits of a text are undone and redone, those of others stay.
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <crdt/random.hpp>
#include <crdt/text.hpp>
#include <crdt/undo.hpp>

#include "support/seeds.hpp"

namespace undo_tests {

using crdt::Side;
using crdt::Text;

namespace {

constexpr std::string_view words[] = {"a", "bc", "\xC3\xA9", "x\xF0\x9F\x99\x82y"};

}  // namespace

TEST_CASE("Undo: undo takes back one's own edits, and redo makes them again") {
    Text<> text;
    crdt::Undo<Text<>> undo;
    CHECK_FALSE(undo.can_undo());
    CHECK(undo.undo(text, "ann").is_bottom());
    undo.insert(text, "ann", 0, "hello");
    Text<> other = text;
    undo.insert(text, "ann", 5, " world");
    undo.join_steps();
    other.insert("bob", 5, ", dear");
    text.merge(other);
    CHECK(text.str() == "hello world, dear");
    const Text<> undone = undo.undo(text, "ann");
    CHECK(text.str() == ", dear");
    CHECK_FALSE(undo.can_undo());
    other.merge(undone);
    CHECK(other.str() == ", dear");
    undo.redo(text, "ann");
    CHECK(text.str() == "hello world, dear");
    undo.erase(text, 6, 6);
    CHECK(text.str() == "hello  dear");
    undo.undo(text, "ann");
    CHECK(text.str() == "hello world, dear");
    undo.undo(text, "ann");
    // The comma that ann erased was bob's, and it is back: it is not hers to undo.
    CHECK(text.str() == ", dear");
    undo.redo(text, "ann");
    undo.redo(text, "ann");
    CHECK(text.str() == "hello  dear");
    CHECK_THROWS_WITH_AS(undo.erase(text, 11, 1),
                         "Text::erase: 1 code points from index 11 on, in a text of 11",
                         std::out_of_range);
    CHECK_THROWS_AS(undo.erase(text, 12, 0), std::out_of_range);
    CHECK(text.str() == "hello  dear");
    undo.undo(text, "ann");  // a failed erase is no step
    CHECK(text.str() == "hello world, dear");
}

TEST_CASE("Undo: an insert at a cursor is a step") {
    Text<> text("bob", "ab");
    crdt::Undo<Text<>> undo;
    const auto cursor = text.cursor(1, Side::left);
    text.erase(0);
    text.insert("bob", 0, "<");
    Text<> other = text;
    // At the place of the erased letter.
    other.merge(undo.insert(text, "ann", cursor, "hi"));
    CHECK(text.str() == "<hib");
    CHECK(other == text);
    undo.undo(text, "ann");
    CHECK(text.str() == "<b");
    undo.redo(text, "ann");
    CHECK(text.str() == "<hib");
}

TEST_CASE("Undo: an assign is one step, which makes the smallest edit") {
    Text<> text("bob", "the quick brown fox");
    Text<> plain = text, other = text;
    crdt::Undo<Text<>> undo;
    const Text<> delta = undo.assign(text, "ann", "the quiet brown fix!");
    CHECK(text.str() == "the quiet brown fix!");
    CHECK(delta == plain.assign("ann", "the quiet brown fix!"));
    other.merge(delta);
    CHECK(other == text);
    text.insert("bob", 3, ",");
    undo.undo(text, "ann");
    CHECK(text.str() == "the, quick brown fox");
    CHECK_FALSE(undo.can_undo());
    undo.redo(text, "ann");
    CHECK(text.str() == "the, quiet brown fix!");
    const Text<> before = text;
    CHECK_THROWS_AS(undo.assign(text, "ann", "\xC3"), std::invalid_argument);
    CHECK(text == before);
    undo.undo(text, "ann");  // a failed assign is no step
    CHECK(text.str() == "the, quick brown fox");
}

TEST_CASE("Undo: all edits undone is the text before, all redone the text after") {
    for (std::uint64_t seed = 1; seed <= support::seeds(300); ++seed) {
        CAPTURE(seed);
        crdt::Random random(seed);
        Text<> text("base", "base text");
        crdt::Undo<Text<>> undo;
        for (int i = 0; i < 12; ++i) {
            const std::size_t size = text.size(), index = random.below(size + 1);
            const std::string_view word = words[random.below(4)];
            switch (random.below(4)) {
                case 0: undo.assign(text, "ann", text.substr(0, index) + std::string(word)); break;
                case 1: undo.insert(text, "ann", text.cursor(index, Side::left), word); break;
                case 2: undo.insert(text, "ann", index, word); break;
                default: undo.erase(text, index, random.below(size - index + 1));
            }
        }
        const std::string after = text.str();
        for (int round = 0; round < 3; ++round) {
            while (undo.can_undo()) undo.undo(text, "ann");
            CHECK(text.str() == "base text");
            while (undo.can_redo()) undo.redo(text, "ann");
            CHECK(text.str() == after);
        }
    }
}

}  // namespace undo_tests
