// SPDX-License-Identifier: MIT
#include <ranges>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/list.hpp>
#include <crdt/ormap.hpp>

#include "support/menu.hpp"
#include "support/sequence_cases.hpp"
#include "support/sequence_model.hpp"

namespace list_tests {

using crdt::List;
using Chars = List<char>;

static_assert(std::ranges::forward_range<const Chars>);
static_assert(crdt::CausalValue<Chars>);

namespace {

const bool listed =
    support::on_menu<Chars, support::SequenceModel<Chars>>("List", support::write_to_sequence) &&
    support::on_menu<List<char, int>>("List by numbers", support::write_to_sequence) &&
    support::on_menu<crdt::ORMap<std::string, Chars>>("ORMap of List", support::write_to_sequences);

}  // namespace

TEST_CASE("List: values are where they are inserted, and a range shows them") {
    List<std::string> list("a", {"milk", "figs"});
    list.insert("a", 1, "tea");
    list.insert("b", 0, "bread");
    CHECK(list.size() == 4);
    CHECK(list.at(2) == "tea");
    list.erase(0);
    CHECK(std::vector<std::string>(list.begin(), list.end()) ==
          std::vector<std::string>{"milk", "tea", "figs"});
    CHECK(list == List<std::string>(list));
    CHECK(list.clear().store().size() == 3);
    CHECK(list.empty());
    CHECK(list.begin() == list.end());
    const std::vector<double> numbers{0.5, 0.5, -1};
    const List<double> copied("a", numbers);
    CHECK(std::vector<double>(copied.begin(), copied.end()) == numbers);
}

TEST_CASE("List: an erased value is dropped, and its place stays") {
    List<std::string> list("a", {"secret"});
    list.erase(0);
    CHECK(crdt::json::encode(list).find("secret") == std::string::npos);
    CHECK(list.erased() == crdt::DotSet<>{{"a", 1}});
    CHECK(list.store().size() == 1);
    CHECK_FALSE(list.is_bottom());
    list.reset("a");
    CHECK(list.store().size() == 0);
}

TEST_CASE("List: what two type at one place is not interleaved") {
    support::check_two_typists<Chars>();
}
TEST_CASE("List: what three type is not interleaved (The Art of the Fugue, A.1)") {
    support::check_three_typists<Chars>();
}
TEST_CASE("List: all states have one order (the strong list specification)") {
    support::check_one_order<Chars>();
}
TEST_CASE("List: words typed at once stay whole, forwards and backwards") {
    support::check_words_stay_whole<Chars>();
}
TEST_CASE("List: compact moves nothing where all have the erasures") {
    support::check_compact<Chars>();
    support::check_compact_drops<Chars>();
}
TEST_CASE("List: what is typed into a key that is removed meanwhile is there") {
    support::check_removed_key<Chars>();
}
TEST_CASE("List: a part of a change waits for the rest") { support::check_waiting<Chars>(); }
TEST_CASE("List: a refused edit changes nothing") { support::check_errors<Chars>(); }

}  // namespace list_tests
