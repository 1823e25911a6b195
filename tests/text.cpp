// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/text.hpp>

#include "support/menu.hpp"
#include "support/sequence_cases.hpp"
#include "support/sequence_model.hpp"

namespace text_tests {

using crdt::List;
using crdt::Text;

namespace {

const bool listed =
    support::on_menu<Text<>, support::SequenceModel<Text<>>>("Text", support::write_to_sequence) &&
    support::on_menu<Text<int>>("Text by numbers", support::write_to_sequence) &&
    support::on_menu<crdt::ORMap<std::string, Text<>>>("ORMap of Text",
                                                       support::write_to_sequences);

}  // namespace

TEST_CASE("Text: basics") {
    Text<> a, b;
    b.merge(a.insert("ann", 0, "hello"));
    CHECK(b.str() == "hello");
    a.erase(1, 4);
    CHECK(a.str() == "h");
    b.insert("bob", 5, " world");
    CHECK(b.str() == "hello world");
    a.merge(b);
    CHECK(a.str() == "h world");
    CHECK(a.at(2) == 'w');
}

TEST_CASE("Text: compact moves nothing where all have the erasures") {
    support::check_compact<Text<>>();
    support::check_compact_drops<Text<>>();
}
TEST_CASE("Text: what two type at one place is not interleaved") {
    support::check_two_typists<Text<>>();
}
TEST_CASE("Text: what three type is not interleaved (The Art of the Fugue, A.1)") {
    support::check_three_typists<Text<>>();
}
TEST_CASE("Text: all states have one order (the strong list specification)") {
    support::check_one_order<Text<>>();
}
TEST_CASE("Text: words typed at once stay whole, forwards and backwards") {
    support::check_words_stay_whole<Text<>>();
}
TEST_CASE("Text: what is typed into a key that is removed meanwhile is there") {
    support::check_removed_key<Text<>>();
}
TEST_CASE("Text: a part of a change waits for the rest") { support::check_waiting<Text<>>(); }
TEST_CASE("Text: a refused edit changes nothing") { support::check_errors<Text<>>(); }

}  // namespace text_tests
