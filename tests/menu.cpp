// SPDX-License-Identifier: MIT
#include "support/menu.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace menu_tests {

namespace {

/// The text of docs/reference/types.md, made from the menu.
std::string table() {
    std::vector<support::Entry> entries = support::menu();
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    std::string text =
        "# Types and what each can do\n\n"
        "The tests write this page: `CRDT_UPDATE_DOCS=1 build/tests/unit -tc=\"menu: the "
        "table*\"`.\n\n"
        "\"yes\" means that the type has the operation, or passes the test, that the head of the "
        "column names. `crdt/laws/` checks\nthe [laws](laws.md). An oracle is a simple model of "
        "a type. In 10,000 generated histories the type and its model\nhave the same content.\n\n"
        "| type | in documents | delta | difference | decompose | digest | codecs | hash | prints "
        "| laws | "
        "oracle |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|\n";
    for (const support::Entry& entry : entries) {
        text += "| " + entry.name + " | ";
        text += entry.in_documents.empty() ? "-" : "`" + entry.in_documents + "`";
        for (const bool can :
             {entry.delta, entry.difference, entry.decompose, entry.digest, entry.codecs,
              entry.hash, entry.prints, bool(entry.laws), bool(entry.oracle)}) {
            text += can ? " | yes" : " | -";
        }
        text += " |\n";
    }
    return text;
}

}  // namespace

TEST_CASE("menu: every type keeps every law") {
    for (const support::Entry& entry : support::menu()) {
        CAPTURE(entry.name);
        entry.laws();
    }
}

TEST_CASE("memory: without memory a mutator changes nothing, and a join is completed later") {
    for (const bool is_long : {false, true}) {
        support::text_is_long = is_long;
        for (const support::Entry& entry : support::menu()) {
            CAPTURE(entry.name);
            CAPTURE(is_long);
            entry.out_of_memory();
        }
    }
    support::text_is_long = false;
}

TEST_CASE("menu: every type has size(), an order, hashes and joins") {
    for (const support::Entry& entry : support::menu()) {
        CAPTURE(entry.name);
        entry.surface();
    }
}

TEST_CASE("menu: every type agrees with its oracle in 10,000 histories") {
    for (const support::Entry& entry : support::menu()) {
        CAPTURE(entry.name);
        if (entry.oracle) entry.oracle();
    }
}

TEST_CASE("menu: the table of types in the docs agrees with the tests") {
    const std::string path = PROJECT_ROOT "/docs/reference/types.md";
    if (std::getenv("CRDT_UPDATE_DOCS") != nullptr) std::ofstream(path) << table();
    std::ifstream file(path);
    CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == table());
}

}  // namespace menu_tests
