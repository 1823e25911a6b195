// SPDX-License-Identifier: MIT
//! List and Text are held against each other, and against public editing traces.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/list.hpp>
#include <crdt/random.hpp>
#include <crdt/text.hpp>

#include "support/menu.hpp"
#include "support/replay.hpp"
#include "support/sequence_cases.hpp"

namespace sequence_tests {

using crdt::List;
using crdt::Text;

namespace {

/// A list of code points in UTF-8.
using Points = List<std::string>;

/// Takes the first code point of a text out.
std::string consume_letter(std::string_view& text) {
    const std::size_t size = crdt::detail::utf8_prefix(text, 1);
    std::string letter(text.substr(0, size));
    text.remove_prefix(size);
    return letter;
}
/// The state of a text, slot by slot.
Points slots_of(const Text<>& text) {
    using Content = crdt::LinearSum<crdt::WriteOnce<std::string>, crdt::Unit>;
    using Slot = crdt::ListSlot<std::string, std::string>;
    Points::store_type::Entries entries;
    text.store().visit([&](const crdt::detail::Slice<std::string>& slice) {
        std::string buffer;
        std::string_view letters = slice.text_in(buffer);
        for (std::uint64_t number = slice.first; number <= slice.last; ++number) {
            const auto one = slice.part(number, number, slice.status);
            crdt::WriteOnce<crdt::Origin<>> origin;
            if (one.status.has_origin) {
                origin = crdt::WriteOnce(crdt::Origin<>{
                    {one.parent == 0 ? crdt::ReplicaName<std::string>() : *one.parent_replica,
                     one.parent},
                    one.side});
            }
            const auto add = [&](Content content) {
                entries.push_back({*slice.replica, number}, Slot(origin, std::move(content)));
            };
            using Value = crdt::WriteOnce<std::string>;
            if (one.status.content == crdt::detail::SlotContent::erased)
                add(Content::from_upper(crdt::Unit()));
            else if (one.status.content == crdt::detail::SlotContent::none)
                add(Content::from_lower(Value()));
            else
                add(Content::from_lower(Value(consume_letter(letters))));
        }
    });
    return Points::from_lattice(
        Points::lattice_type(Points::store_type(std::move(entries)), text.context()));
}
std::string text_of(const Points& points) {
    std::string text;
    for (const std::string& point : points) text += point;
    return text;
}

/// Compares the offsets that a text converts with those that are counted letter by letter, at about
/// a hundred places.
void check_offsets(const Text<>& text) {
    const std::string letters = text.str();
    const std::size_t step = text.size() / 100 + 1;
    std::string_view rest = letters;
    std::size_t index = 0, bytes = 0, units = 0;
    for (;; ++index) {
        if (index % step == 0 || rest.empty()) {
            CHECK(text.bytes().offset_of(index) == bytes);
            CHECK(text.utf16().offset_of(index) == units);
            CHECK(text.bytes().index_at(bytes) == index);
            CHECK(text.utf16().index_at(units) == index);
        }
        if (rest.empty()) break;
        const std::size_t size = consume_letter(rest).size();
        bytes += size;
        units += size == 4 ? 2 : 1;
    }
    CHECK(text.size() == index);
    CHECK(text.bytes().size() == bytes);
    CHECK(text.utf16().size() == units);
}

/// The same state, in both types.
struct Both {
    Points points;
    Text<> text;

    void merge(const Both& other) { CHECK(points.merge(other.points) == text.merge(other.text)); }
};
void check_same(const Both& both) {
    CHECK(text_of(both.points) == both.text.str());
    CHECK(both.points.size() == both.text.size());
    CHECK(both.points.waiting() == both.text.waiting());
    const Points slots = slots_of(both.text);
    CHECK(slots == both.points);
    CHECK(crdt::binary::encode_value(slots) == crdt::binary::encode_value(both.points));
}

/// A history of three replicas, in both types.
class Histories {
    crdt::Random random_;
    std::vector<Both> replicas_{3};
    std::vector<Both> deltas_{};

    void insert(Both& state, const std::string& id) {
        constexpr std::string_view words[] = {"a", "bc", "é", "日本", "x\xF0\x9F\x99\x82y", "defg"};
        std::string_view word = words[random_.below(6)];
        const std::size_t index = random_.below(state.text.size() + 1);
        Both delta{{}, state.text.insert(id, index, word)};
        for (std::size_t i = index; !word.empty(); ++i)
            delta.points.merge(state.points.insert(id, i, consume_letter(word)));
        deltas_.push_back(delta);
    }
    void erase(Both& state) {
        const std::size_t size = state.text.size();
        if (size == 0) return;
        const std::size_t index = random_.below(size), count = 1 + random_.below(size - index);
        deltas_.push_back({state.points.erase(index, count), state.text.erase(index, count)});
    }
    /// Some parts of a delta.
    Both parts_of(const Both& delta) {
        Both some;
        std::vector<Points> points;
        std::vector<Text<>> texts;
        decompose(delta.points, [&](const Points& part) { points.push_back(part); });
        decompose(delta.text, [&](const Text<>& part) { texts.push_back(part); });
        CHECK(points.size() == texts.size());
        CHECK(part_count(delta.points) == part_count(delta.text));
        for (std::size_t i = 0; i < points.size() && i < texts.size(); ++i) {
            if (random_.below(2) == 0) continue;
            some.points.merge(points[i]);
            some.text.merge(texts[i]);
        }
        return some;
    }
    void step() {
        const std::size_t replica = random_.below(3);
        Both& state = replicas_[replica];
        const Both other = replicas_[random_.below(3)];
        const std::string& id = support::replica_name(replica);
        switch (random_.below(12)) {
            case 0: state.merge(other); break;
            case 1:
                deltas_.push_back({difference(other.points, digest(state.points)),
                                   difference(other.text, digest(state.text))});
                state.merge(deltas_.back());
                break;
            case 2:
            case 3:
                if (!deltas_.empty()) state.merge(deltas_[random_.below(deltas_.size())]);
                break;
            case 4:
                if (!deltas_.empty()) state.merge(parts_of(deltas_[random_.below(deltas_.size())]));
                break;
            case 5: {
                const auto erased = state.text.erased();
                CHECK(erased == state.points.erased());
                deltas_.push_back({state.points.compact(erased), state.text.compact(erased)});
                break;
            }
            case 6:
                if (random_.below(4) == 0)
                    deltas_.push_back({state.points.reset(id), state.text.reset(id)});
                break;
            case 7:
            case 8: erase(state); break;
            default: insert(state, id);
        }
        check_same(state);
        if (!deltas_.empty()) CHECK(slots_of(deltas_.back().text) == deltas_.back().points);
    }

  public:
    explicit Histories(std::uint64_t seed) : random_(seed) {}
    void run(std::size_t steps) {
        for (std::size_t i = 0; i < steps; ++i) step();
        for (const Both& a : replicas_) {
            for (const Both& b : replicas_) {
                CHECK(a.points.leq(b.points) == a.text.leq(b.text));
                CHECK((a.points == b.points) == (a.text == b.text));
            }
        }
    }
};

}  // namespace

TEST_CASE("Text: its states are those of List, in 10,000 histories") {
    for (std::uint64_t seed = 1; seed <= support::seeds(10'000); ++seed) {
        CAPTURE(seed);
        Histories(seed).run(1 + seed % 40);
    }
}

TEST_CASE_TEMPLATE("sequences: 700 of 700 graphs of the public conformance suite", Seq, List<char>,
                   Text<>) {
    const auto folder = support::trace_folder();
    if (!folder) return;
    const auto graphs = support::conformance_graphs(*folder);
    CHECK(graphs.size() == 700);
    for (std::size_t i = 0; i < graphs.size(); ++i) {
        CAPTURE(i);
        support::check_graph<Seq>(graphs[i], i);
    }
}

TEST_CASE("Text: every sequential trace to its end content, with its offsets on the way") {
    const auto folder = support::trace_folder();
    if (!folder) return;
    std::size_t traces = 0, not_ascii = 0;
    for (const auto& file : std::filesystem::directory_iterator(*folder / "sequential")) {
        CAPTURE(file.path().string());
        const support::Trace trace = support::line_of(support::read_gzip(file.path()));
        Text<> text, reader;
        std::size_t done = 0;
        for (const support::Transaction& transaction : trace.transactions) {
            for (const support::Edit& edit : transaction.edits) {
                reader.merge(text.erase(edit.position, edit.erased));
                reader.merge(text.insert(transaction.agent, edit.position, edit.inserted));
            }
            if (++done % (trace.transactions.size() / 30 + 1) != 0) continue;
            check_offsets(text);
            check_offsets(reader);
        }
        check_offsets(text);
        if (text.bytes().size() != text.size()) ++not_ascii;
        CHECK(text.str() == trace.end);
        CHECK(reader.str() == trace.end);
        CHECK(reader == text);
        const auto read = crdt::binary::try_decode<Text<>>(crdt::binary::encode(text));
        REQUIRE(read);
        CHECK(*read == text);
        CHECK(read->str() == trace.end);
        ++traces;
    }
    CHECK(traces == 6);
    CHECK(not_ascii > 0);
}

TEST_CASE("Text: every concurrent trace to its end content, by agents' names") {
    const auto folder = support::trace_folder();
    if (!folder) return;
    for (const std::string name : {"ff-raw", "git-makefile-raw", "friendsforever"}) {
        // With sanitizers this trace takes four times as long as the others together.
        if (support::few_cases && name == "git-makefile-raw") continue;
        CAPTURE(name);
        const auto json = support::read_gzip(*folder / "concurrent" / (name + ".json.gz"));
        const support::Trace trace =
            json.contains("kind") ? support::numbered_graph_of(json) : support::graph_of(json);
        Text<> all, reader;
        const auto deltas =
            support::run_graph<Text<>>(trace, [&](const Text<>& state) { all.merge(state); });
        std::size_t done = 0;
        for (const Text<>& delta : deltas) {
            reader.merge(delta);
            (void)reader.size();
            if (++done % (deltas.size() / 30 + 1) == 0) check_offsets(reader);
        }
        CHECK(all.str() == trace.end);
        CHECK(reader.str() == trace.end);
        CHECK(reader.waiting() == 0);
        CHECK(reader.store() == all.store());
        CHECK(Text<>(reader).str() == trace.end);
    }
}

}  // namespace sequence_tests
