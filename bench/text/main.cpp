// SPDX-License-Identifier: MIT
//! Replays editing traces in a Text: local edits with their deltas, deltas as bytes at another
//! replica, load, encode, size, memory, concurrent traces, random and backward inserts, and a
//! trace a hundred times over. Local edits take turns with a gap buffer and a rope, which keep no
//! history.
//!
//! text [--quick] [--tsv] [--rounds=N]  prints a table in Markdown, or tab-separated
//! text --removed-key                    prints what is left of a removed key
//!
//! Times are CPU milliseconds, the median of five rounds in which the contenders take turns, or of
//! three rounds for the trace a hundred times over. Needs CRDT_TRACES, the folder of the traces.
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <crdt/ormap.hpp>
#include <crdt/random.hpp>
#include <crdt/text.hpp>

#include "../../tests/support/traces.hpp"
#include "edits.hpp"
#include "measure.hpp"
#include "replays.hpp"

namespace {

using namespace bench;

constexpr std::size_t count = 100'000;

/// Inserts one letter at each place.
Script inserts_at(const std::vector<std::size_t>& places) {
    Script script{{}, places.size()};
    for (std::size_t i = 0; i < places.size(); ++i)
        script.edits.push_back({places[i], 0, std::string(1, static_cast<char>('a' + i % 26))});
    return script;
}

void generated() {
    std::vector<std::size_t> places;
    crdt::Random random(1);
    for (std::size_t i = 0; i < count; ++i) places.push_back(random.below(i + 1));
    race_edits("100,000 random inserts", inserts_at(places));
    race_edits("100,000 backward inserts", inserts_at(std::vector<std::size_t>(count)));

    Text<> text;
    type(text, inserts_at(places));
    std::vector<crdt::Cursor<>> cursors;
    for (const std::size_t place : places) cursors.push_back(text.cursor(place, crdt::Side::right));
    std::size_t sum = text.index_of(cursors[0]);
    const auto reads = race({[&] {
                                 for (const std::size_t place : places)
                                     sum += text.cursor(place, crdt::Side::right).dot.sequence;
                             },
                             [&] {
                                 for (const auto& cursor : cursors) sum += text.index_of(cursor);
                             },
                             [&] {
                                 for (const std::size_t place : places) sum += text.at(place);
                             }});
    row("cursor, in 100,000 random characters", reads[0] * 1e6 / count, "ns");
    row("index_of, in 100,000 random characters", reads[1] * 1e6 / count, "ns");
    row("at, in 100,000 random characters", reads[2] * 1e6 / count, "ns");
    check(sum != 0, "reads");
}

/// The trace a hundred times, each after the one before.
void large(const std::string& name, const support::Trace& trace) {
    const Script once = script_of(trace);
    Script script = once;
    script.times = 100;
    const auto times = race_edits(name + " x100", script, std::min(rounds, 3), {[&] {
                                      Text<> text;
                                      type(text, once);
                                  }});
    row(name + " x100: cost of an edit / x1", times[0] / (100 * times[3]), "x");
}

/// One replica removes a key while another types into the text under it.
void removed_key() {
    crdt::ORMap<std::string, Text<>> a, b;
    a.update("n", [](auto& text) { return text.insert("ann", 0, "hello"); });
    b.merge(a);
    const auto removal = a.erase("ann", "n");
    const auto typed = b.update("n", [](auto& text) { return text.insert("bob", 5, " world"); });
    a.merge(typed);
    b.merge(removal);
    check(a == b, "replicas that have merged");
    std::printf("%s\n", a.view("n").str().c_str());
}

}  // namespace

int main(int argument_count, char** arguments) {
    const auto folder = support::trace_path();
    bool is_quick = false;
    for (const std::string& option :
         std::vector<std::string>(arguments + 1, arguments + argument_count)) {
        if (option == "--removed-key") return removed_key(), 0;
        if (option == "--quick") is_quick = true;
        if (option == "--tsv") is_tsv = true;
        if (option.starts_with("--rounds=")) rounds = std::stoi(option.substr(9));
    }
    if (!std::filesystem::exists(folder)) {
        std::printf("no traces in %s: set CRDT_TRACES to their folder\n", folder.string().c_str());
        return 0;
    }
    if (!is_tsv) std::printf("| case | value | |\n|---|--:|---|\n");
    const auto line = [&](const char* name) {
        return support::line_of(
            support::read_gzip(folder / "sequential" / (std::string(name) + ".json.gz")));
    };
    const support::Trace paper = line("automerge-paper");
    sequential("automerge-paper", paper);
    for (const char* const name :
         {"rustcode", "seph-blog1", "sveltecomponent", "json-crdt-patch", "friendsforever_flat"})
        if (!is_quick) sequential(name, line(name));
    const auto graph = [&](const char* name) {
        return support::read_gzip(folder / "concurrent" / (std::string(name) + ".json.gz"));
    };
    concurrent("friendsforever", support::numbered_graph_of(graph("friendsforever")));
    concurrent("git-makefile", support::graph_of(graph("git-makefile-raw")));
    generated();
    if (!is_quick) large("automerge-paper", paper);
}
