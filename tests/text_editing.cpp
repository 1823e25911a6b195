// SPDX-License-Identifier: MIT
//! What an editor needs of a Text: offsets, cursors, changes to show, whole texts.
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/laws/laws.hpp>
#include <crdt/ormap.hpp>
#include <crdt/random.hpp>
#include <crdt/text.hpp>

#include "support/seeds.hpp"

namespace text_editing_tests {

using crdt::Side;
using crdt::Text;

namespace {

constexpr std::string_view words[] = {
    "a", "bc", "\xC3\xA9", "\xE6\x97\xA5\xE6\x9C\xAC", "x\xF0\x9F\x99\x82y", "defg"};

/// A text as an editor has it: code points.
std::u32string points_of(std::string_view utf8) {
    std::u32string points;
    while (!utf8.empty()) points += static_cast<char32_t>(crdt::detail::take_code_point(utf8));
    return points;
}

void edit(Text<>& text, const std::string& id, crdt::Random& random) {
    const std::size_t size = text.size(), index = random.below(size + 1);
    if (index < size && random.below(3) == 0)
        text.erase(index, 1 + random.below(size - index));
    else
        text.insert(id, index, words[random.below(6)]);
}

}  // namespace

TEST_CASE("Text: what is not UTF-8 is refused, and code points are never split") {
    Text<> text("ann", "\xC3\xA9");
    const Text<> before = text;
    for (const std::string_view wrong :
         {"\xC3", "\x80", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "a\xFF", "\xE6\x97"}) {
        CHECK_THROWS_AS(text.insert("ann", 0, wrong), std::invalid_argument);
        CHECK_THROWS_AS(text.assign("ann", wrong), std::invalid_argument);
    }
    CHECK(text == before);
    text.insert("ann", 1, "\xF0\x9F\x99\x82");
    CHECK(text.size() == 2);
    CHECK(text.at(0) == U'\u00E9');
    CHECK(text.at(1) == U'\U0001F642');
    CHECK(text.substr(1, 1) == "\xF0\x9F\x99\x82");
    text.erase(0);
    CHECK(text.str() == "\xF0\x9F\x99\x82");
}

TEST_CASE("Text: offsets in bytes and in UTF-16") {
    for (std::uint64_t seed = 1; seed <= support::seeds(200); ++seed) {
        CAPTURE(seed);
        crdt::Random random(seed);
        Text<> text;
        for (std::uint64_t i = random.below(120); i > 0; --i) edit(text, "ann", random);
        const std::u32string points = points_of(text.str());
        std::size_t bytes = 0, units = 0;
        for (std::size_t i = 0; i <= points.size(); ++i) {
            CHECK(text.bytes().offset_of(i) == bytes);
            CHECK(text.utf16().offset_of(i) == units);
            CHECK(text.bytes().index_at(bytes) == i);
            CHECK(text.utf16().index_at(units) == i);
            if (i == points.size()) break;
            CHECK(text.at(i) == points[i]);
            const auto size = crdt::detail::size_of(points[i]);
            if (size.bytes > 1)
                CHECK_THROWS_AS((void)text.bytes().index_at(bytes + 1), std::invalid_argument);
            bytes += size.bytes;
            units += size.units;
        }
        CHECK(text.bytes().size() == bytes);
        CHECK(text.utf16().size() == units);
        CHECK_THROWS_AS((void)text.utf16().index_at(units + 1), std::out_of_range);
        CHECK_THROWS_AS((void)text.bytes().offset_of(points.size() + 1), std::out_of_range);
    }
}

TEST_CASE("Text: a cursor stays beside its code point") {
    Text<> text("ann", "hello world");
    const auto behind = text.cursor(5, Side::left), before = text.cursor(5, Side::right);
    text.insert("bob", 5, "!!");
    CHECK(text.index_of(behind) == 5);
    CHECK(text.index_of(before) == 7);
    text.insert("bob", 0, ">> ");
    CHECK(text.index_of(behind) == 8);
    text.erase(3, 5);  // hello
    CHECK(text.index_of(behind) == 3);
    CHECK(text.index_of(before) == 5);
    CHECK(text.index_of(text.cursor(0, Side::left)) == 0);
    CHECK(text.index_of(text.cursor(text.size(), Side::right)) == text.size());
    const auto end = text.cursor(text.size(), Side::right);
    text.insert("bob", text.size(), "...");
    CHECK(text.index_of(end) == text.size());
    CHECK(text.index_of({{"nobody", 7}, Side::left}) == 0);
    CHECK(text.index_of({{"nobody", 7}, Side::right}) == text.size());
    CHECK_THROWS_AS((void)text.cursor(text.size() + 1, Side::left), std::out_of_range);
    for (const auto& cursor : {behind, before, end}) {
        CHECK(crdt::binary::try_decode_value<crdt::Cursor<>>(crdt::binary::encode_value(cursor)) ==
              cursor);
        CHECK(*crdt::json::try_decode_value<crdt::Cursor<>>(crdt::json::encode_value(cursor)) ==
              cursor);
    }
}

TEST_CASE("Text: an observer of merges keeps the buffer of an editor up to date") {
    std::size_t precise = 0, all = 0;
    for (std::uint64_t seed = 1; seed <= support::seeds(2000); ++seed) {
        CAPTURE(seed);
        crdt::Random random(seed);
        std::vector<Text<>> replicas(3);
        std::vector<std::u32string> buffers(3);
        std::vector<Text<>> deltas;
        for (int step = 0; step < 40; ++step) {
            const std::size_t replica = random.below(3);
            const std::string id(1, static_cast<char>('a' + replica));
            Text<>& text = replicas[replica];
            std::u32string& buffer = buffers[replica];
            const auto kind = random.below(8);
            const auto show = [&](const crdt::TextChange& change) {
                REQUIRE(change.index + change.erased <= buffer.size());
                buffer.replace(change.index, change.erased, points_of(change.inserted));
                ++all;
                precise += change.erased == 0 || change.inserted.empty();
            };
            if (kind < 3) {
                const Text<> before = text;
                edit(text, id, random);
                deltas.push_back(difference(text, before));
                buffer = points_of(text.str());
            } else if (kind == 3) {
                text.merge(Text<>(replicas[random.below(3)]), show);
            } else if (kind == 4 && random.below(8) == 0) {
                deltas.push_back(text.reset(id));
                buffer.clear();
            } else if (kind == 5 && !deltas.empty()) {
                decompose_by_ranges(Text<>(deltas[random.below(deltas.size())]),
                                    [&](const Text<>& part) {
                                        if (random.below(2) == 0) text.merge(part, show);
                                    });
            } else if (!deltas.empty()) {
                text.merge(deltas[random.below(deltas.size())], show);
            }
            CHECK(buffer == points_of(text.str()));
            CHECK(buffer == std::u32string(text.begin(), text.end()));
        }
    }
    CHECK(precise > all / 2);
}

TEST_CASE("Text: a merge is observed as what it inserts and erases, in order") {
    Text<> a("ann", "hello"), b = a;
    Text<> delta = a.insert("ann", 5, " you");
    delta.merge(a.erase(0, 1));
    delta.merge(a.insert("ann", 0, "J"));
    std::vector<std::string> seen;
    b.merge(delta, [&](const crdt::TextChange& change) {
        seen.push_back(std::to_string(change.index) + "-" + std::to_string(change.erased) + "+" +
                       std::string(change.inserted));
    });
    CHECK(seen == std::vector<std::string>{"0-1+", "4-0+ you", "0-0+J"});
    CHECK_FALSE(b.merge(delta, [](const crdt::TextChange&) { FAIL("nothing is new"); }));
}

TEST_CASE("Text: assign makes the smallest edit") {
    Text<> text("ann", "the quick brown fox");
    const Text<> before = text;
    const Text<> delta = text.assign("ann", "the quiet brown fix!");
    CHECK(text.str() == "the quiet brown fix!");
    CHECK(text.erased().size() == 3);             // c, k and o
    CHECK(delta.store().dots().size() == 3 + 4);  // e, t, i and !
    CHECK(delta == difference(text, before));
    CHECK(text.assign("ann", text.str()).is_bottom());
    for (std::uint64_t seed = 1; seed <= support::seeds(500); ++seed) {
        CAPTURE(seed);
        crdt::Random random(seed);
        std::string wanted;
        for (std::uint64_t i = random.below(40); i > 0; --i) wanted += words[random.below(6)];
        Text<> other = text;
        other.merge(text.assign("ann", wanted));
        CHECK(text.str() == wanted);
        CHECK(other == text);
    }
    text.assign("ann", std::string(2000, 'x'));
    CHECK(text.size() == 2000);
    text.assign("ann", "");
    CHECK(text.empty());
}

TEST_CASE("Text: values of a map are texts, and are read as views") {
    crdt::ORMap<std::string, Text<>> notes;
    notes.update("todo", [](Text<>& text) { return text.insert("ann", 0, "milk"); });
    notes.update("todo", [](Text<>& text) { return text.insert("ann", 4, ", figs"); });
    CHECK(notes.view("todo").str() == "milk, figs");
    CHECK(notes.view("todo").size() == 10);
    CHECK(notes.view("none").empty());
    notes.update("todo", [](Text<>& text) { return text.erase(0, 10); });
    CHECK(notes.empty());
}

TEST_CASE("Text: equal texts have equal ranges, and no range is large") {
    crdt::Random random(7);
    for (int round = 0; round < 20; ++round) {
        CAPTURE(round);
        // Two write long texts, and erase some.
        Text<> a, b;
        std::vector<Text<>> deltas;
        for (int step = 0; step < 12; ++step) {
            Text<>& one = random.below(2) == 0 ? a : b;
            const std::string id = &one == &a ? "ann" : "bob";
            std::string text;
            for (std::size_t i = random.below(2000); i > 0; --i) text += words[random.below(6)];
            const std::size_t size = one.size(), index = random.below(size + 1);
            if (index < size && random.below(4) == 0)
                deltas.push_back(one.erase(index, 1 + random.below(size - index)));
            else if (random.below(3) == 0 && index > 0)
                deltas.push_back(one.insert(id, one.cursor(index, Side::right), text));
            else
                deltas.push_back(one.insert(id, index, text));
        }
        Text<> all, parts;
        for (std::size_t i = deltas.size(); i > 0; --i) {
            std::swap(deltas[i - 1], deltas[random.below(i)]);
            all.merge(deltas[i - 1]);
        }
        std::vector<Text<>> pieces;
        for (const Text<>& delta : deltas)
            decompose_by_ranges(delta, [&](const Text<>& piece) {
                CHECK(piece.store().dots().size() <= (piece.store().has_text() ? 512 : 1'000'000));
                pieces.push_back(piece);
            });
        for (std::size_t i = pieces.size(); i > 0; --i) {
            std::swap(pieces[i - 1], pieces[random.below(i)]);
            parts.merge(pieces[i - 1]);
        }
        const Text<> decoded =
            *crdt::binary::try_decode_value<Text<>>(crdt::binary::encode_value(all));
        a.merge(b);
        CHECK(range_count(a) == crdt::laws::ranges_of(a).size());
        for (const Text<>* const other : std::vector<const Text<>*>{&all, &parts, &decoded}) {
            CHECK(*other == a);
            CHECK(crdt::laws::ranges_of(*other) == crdt::laws::ranges_of(a));
        }
    }
}

}  // namespace text_editing_tests
