// SPDX-License-Identifier: MIT
//! Checks that the registry of types is complete, and that each type has all its files.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ranges>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/replication/message_serializer.hpp>

#include "support/menu.hpp"
#include "support/types.hpp"

namespace registry_tests {

namespace fs = std::filesystem;

namespace {

const fs::path root = PROJECT_ROOT;

std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Does the menu have an entry of that type for which `has` returns true?
template <class Has>
bool is_on_menu(const std::string& name, Has has) {
    const auto& entries = support::menu();
    return std::any_of(entries.begin(), entries.end(), [&](const support::Entry& entry) {
        return entry.in_documents.substr(0, entry.in_documents.find_first_of("<(")) == name &&
               has(entry);
    });
}

}  // namespace

TEST_CASE("registry: every type that a header defines is in it, once") {
    std::set<std::string> registered;
    support::for_each_type([&](auto row) { registered.emplace(row.name); });
    CHECK(registered.size() == support::Registry<support::Number>::size);
    const std::regex definition("type_name = \"(\\w+)\"");
    std::size_t defined = 0;
    for (const auto& entry : fs::directory_iterator(root / "include/crdt")) {
        std::smatch match;
        const std::string text = entry.is_regular_file() ? text_of(entry.path()) : "";
        if (!std::regex_search(text, match, definition)) continue;
        CHECK_MESSAGE(registered.count(match[1]) == 1, entry.path().string(),
                      " defines a type that tests/support/types.hpp lacks");
        ++defined;
    }
    CHECK(defined + 1 == registered.size());  // VersionVector is in include/crdt/causal
}

TEST_CASE("registry: every type has a test, laws, an oracle, golden files, an example, a corpus") {
    const std::string build = text_of(root / "tests/meson.build");
    support::for_each_type([&](auto row) {
        const std::string name(row.name);
        CAPTURE(name);
        for (const std::string& file :
             {"tests/" + name + ".cpp", "tests/golden/" + name + ".v2.hex",
              "tests/golden/" + name + ".v2.json", "tests/examples/" + name + ".cpp",
              "tests/fuzz/corpus/decoders/" + name + ".bin",
              "tests/fuzz/corpus/decoders/" + name + ".json"})
            CHECK_MESSAGE(fs::exists(root / file), file, " is missing");
        for (const std::string& listed : {"'" + name + ".cpp'", "'" + name + "'"})
            CHECK_MESSAGE(build.find(listed) != std::string::npos, listed,
                          " is missing in tests/meson.build");
        CHECK(is_on_menu(name, [](const auto& entry) { return bool(entry.laws); }));
        CHECK(is_on_menu(name, [](const auto& entry) { return bool(entry.oracle); }));
    });
}

TEST_CASE("registry: the comment of every type has each section") {
    support::for_each_type([&](auto row) {
        const std::string file = std::string(row.name) + ".hpp";
        CAPTURE(file);
        const std::string text =
            text_of(root / "include/crdt" / file) + text_of(root / "include/crdt/causal" / file);
        const std::size_t begin = text.find("/// State ");
        REQUIRE(begin != std::string::npos);
        const std::string comment = text.substr(begin, text.find("///\n", begin) - begin);
        std::vector<std::string> sections{"State", "Order",  "join:",   "[Bb]ottom", "Concurrent",
                                          "Cost",  "Errors", "Threads", "Source"};
        if (std::ranges::range<typename decltype(row)::state_type>)
            sections.emplace_back("Iterators");
        for (const std::string& section : sections)
            CHECK_MESSAGE(std::regex_search(comment, std::regex("(/// |;  )" + section)), section,
                          " is missing");
    });
}

TEST_CASE("registry: the corpus of the decoders begins with the golden files") {
    support::for_each_type([&](auto row) {
        using State = typename decltype(row)::state_type;
        const auto state = support::sample<State>();
        const fs::path file = root / "tests/fuzz/corpus/decoders" / row.name;
        CHECK(text_of(file.string() + ".bin") == crdt::binary::encode(state));
        CHECK(text_of(file.string() + ".json") == crdt::json::encode(state) + "\n");
        CHECK_FALSE(state.is_bottom());
    });
}

TEST_CASE("registry: the corpora have messages of the current version") {
    using Message = crdt::replication::Message<crdt::GCounter<>>;
    const fs::path corpus = root / "tests/fuzz/corpus";
    const auto binary =
        crdt::binary::try_decode_value<Message>(text_of(corpus / "decoders/message.bin"));
    const auto json =
        crdt::json::try_decode_value<Message>(text_of(corpus / "decoders/message.json"));
    REQUIRE(binary);
    REQUIRE(json);
    CHECK(*binary == *json);
    const std::string version =
        "\"version\":" + std::to_string(crdt::Serializer<Message>::version) + ',';
    std::istringstream lines(text_of(corpus / "node_lines/gossip"));
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count)
        CHECK_MESSAGE(line.find(version) != line.npos, line);
    CHECK(count > 0);
}

TEST_CASE("registry: the headers of the engine, the simulator and the node stay short") {
    const auto expect_short = [](const fs::path& file, std::ptrdiff_t limit) {
        const std::string text = text_of(file);
        CHECK_MESSAGE(std::count(text.begin(), text.end(), '\n') <= limit, file.string());
    };
    expect_short(root / "include/crdt/maelstrom/node.hpp", 179);
    for (const std::string folder : {"replication", "sim"})
        for (const auto& entry : fs::recursive_directory_iterator(root / "include/crdt" / folder))
            if (entry.is_regular_file()) expect_short(entry.path(), 250);
}

TEST_CASE("registry: a type with numbers as keys needs no sample of its own") {
    using support::Number;
    CHECK(support::sample<crdt::AWSet<Number, Number>>().size() == 3);
    CHECK(support::sample<crdt::MVRegister<Number, Number>>().values().size() == 3);
    CHECK(support::sample<crdt::GCounter<Number>>().value() == 3);
}

TEST_CASE("registry: every type grows, and both codecs keep its content") {
    support::for_each_type([&](auto row) {
        using Large = typename decltype(row)::large_type;
        CAPTURE(row.name);
        Large state;
        for (support::Number i = 0; i < 100; ++i) {
            const Large before = state;
            support::grow<support::Number>(state, i);
            CHECK(before < state);
        }
        support::check_size(state);
        CHECK(*crdt::binary::try_decode<Large>(crdt::binary::encode(state)) == state);
        CHECK(*crdt::json::try_decode<Large>(crdt::json::encode(state)) == state);
    });
}

}  // namespace registry_tests
