// SPDX-License-Identifier: MIT
//! The laws of lists, texts and maps of them, when some of the states are hostile.
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/laws/laws.hpp>
#include <crdt/list.hpp>
#include <crdt/ormap.hpp>
#include <crdt/random.hpp>
#include <crdt/text.hpp>
#include <crdt/to_string.hpp>

#include "support/failing_new.hpp"
#include "support/hostile_sequence.hpp"
#include "support/laws.hpp"
#include "support/sequence_model.hpp"

namespace sequence_laws_tests {

using crdt::List;
using crdt::Text;
using crdt::laws::Choices;

namespace {

template <class Seq>
using MapOfSequences = crdt::ORMap<std::string, Seq>;

template <class State>
inline constexpr bool is_map = requires {
    typename State::mapped_type;
};

/// Returns few or many hostile slots of a writer.
template <class Seq, bool many>
Seq hostile_slots_of(std::uint64_t writer, Choices& choices) {
    if constexpr (many) return support::many_hostile_slots<Seq>(writer, choices);
    return support::few_hostile_slots<Seq>(writer, choices);
}
/// Merges hostile slots. Returns the delta.
template <bool many, class State>
State merge_hostile(State& state, Choices& choices) {
    const std::uint64_t writer = choices.below(2);
    if constexpr (is_map<State>) {
        using Seq = typename State::mapped_type;
        State other;
        // Each writer has its key, because a dot is at one key.
        other.update(writer == 0 ? "a" : "b", [&](Seq& sequence) {
            return sequence.absorb(hostile_slots_of<Seq, many>(writer, choices));
        });
        return state.absorb(other);
    } else {
        return state.absorb(hostile_slots_of<State, many>(writer, choices));
    }
}
/// For laws: some write, or a merge of hostile slots.
template <bool many>
constexpr auto write_or_merge = [](auto& state, std::size_t replica, Choices& choices) {
    if (choices.below(3) == 1) return merge_hostile<many>(state, choices);
    if constexpr (is_map<std::remove_reference_t<decltype(state)>>)
        return support::write_to_sequences(state, replica, choices);
    else
        return support::write_to_sequence(state, replica, choices);
};

/// Checks the laws that visit parts by ranges, because a part for each dot would be too many.
template <class L>
void check_laws_by_ranges(const L& a, const L& b, const L& c, crdt::Random& random) {
    crdt::laws::detail::Findings findings;
    using crdt::laws::ranges_of;
    crdt::laws::pair_laws(a, ranges_of(difference(a, b)), b, findings);
    crdt::laws::triple_laws(a, {}, b, c, findings);
    crdt::laws::codec_laws(a, findings);
    crdt::laws::codec_laws(digest(a), findings);
    support::json_laws(a, findings);
    std::vector<L> ranges = ranges_of(a);
    findings("range_count counts the ranges", range_count(a), ranges.size());
    for (std::size_t i = ranges.size(); i > 1; --i)
        std::swap(ranges[i - 1], ranges[random.below(i)]);
    L joined, some = b;
    for (const L& range : ranges) {
        joined.merge(range);
        if (random.below(2) == 0) some.merge(range);
    }
    findings("the ranges join to the state", joined, a);
    findings("any ranges of a state are a safe delta", join(some, a), join(b, a));
    for (const auto& failure : findings.failures) FAIL_CHECK(failure.law, ": ", failure.found);
    CHECK(to_string(a).size() < 10'000);
}
template <class L>
void check_laws_by_ranges() {
    for (std::uint64_t seed = 1; seed <= support::seeds(300); ++seed) {
        CAPTURE(seed);
        crdt::Random random(seed);
        std::vector<L> replicas(3);
        for (std::uint64_t steps = 1 + random.below(12); steps > 0; --steps) {
            L& state = replicas[random.below(3)];
            if (random.below(3) == 0) {
                state.merge(L(replicas[random.below(3)]));
                continue;
            }
            const L before = state;
            Choices choices(random);
            const auto replica = static_cast<std::size_t>(&state - replicas.data());
            const L delta = write_or_merge<true>(state, replica, choices);
            CHECK(before.leq(state));
            CHECK(join(before, delta) == state);
            CHECK(delta == difference(state, before));
        }
        check_laws_by_ranges(replicas[0], replicas[1], replicas[2], random);
    }
}

}  // namespace

TEST_CASE_TEMPLATE("sequences: the laws hold with hostile slots", L, List<char>, Text<>,
                   MapOfSequences<List<char>>, MapOfSequences<Text<>>) {
    crdt::laws::Options options;
    options.cases = 3000;
    support::check_laws<L>(write_or_merge<false>, options);
}

TEST_CASE_TEMPLATE("sequences: the laws hold with ranges of 2^40 dots", L, List<char>, Text<>,
                   MapOfSequences<List<char>>, MapOfSequences<Text<>>) {
    check_laws_by_ranges<L>();
}

TEST_CASE("Text: with hostile slots it shows what List shows") {
    for (std::uint64_t seed = 1; seed <= support::seeds(2000); ++seed) {
        CAPTURE(seed);
        crdt::Random random(seed);
        std::vector<Text<>> texts(3);
        std::vector<List<char>> lists(3);
        for (std::uint64_t steps = 1 + random.below(30); steps > 0; --steps) {
            const std::size_t replica = random.below(3), other = random.below(3);
            if (random.below(3) == 0) {
                texts[replica].merge(Text<>(texts[other]));
                lists[replica].merge(List<char>(lists[other]));
            } else {
                Choices choices(random);
                write_or_merge<false>(texts[replica], replica, choices);
                Choices same(choices.taken());
                write_or_merge<false>(lists[replica], replica, same);
            }
            CHECK(texts[replica].str() == support::shown(lists[replica]));
            CHECK(texts[replica].waiting() == lists[replica].waiting());
            const Text<>& text = texts[replica];
            // The index of the order is made once.
            CHECK_FALSE(support::fails_allocation(0, [&] { (void)text.size(); }));
        }
    }
}

}  // namespace sequence_laws_tests
