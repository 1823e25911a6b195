// SPDX-License-Identifier: MIT
//! check: checks all laws for a type, on generated histories and on small states.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <crdt/codec/serializer.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/laws/choices.hpp>
#include <crdt/laws/codec_laws.hpp>
#include <crdt/laws/history.hpp>
#include <crdt/laws/laws.hpp>
#include <crdt/laws/report.hpp>
#include <crdt/laws/shrink.hpp>
#include <crdt/random.hpp>

namespace crdt::laws {

/// The number of generated histories and states.
struct Options {
    /// The seed for everything that is generated.
    std::uint64_t seed = 1;
    /// The number of generated histories.
    std::size_t cases = 300;
    /// The maximal number of steps of a history.
    std::size_t steps = 12;
    /// The number of small states. All triples of them are checked.
    std::size_t small_states = 24;
    /// The number of additional long histories. They find errors that only large states show. The
    /// first history has `long_steps` steps. Each other history has half as many steps as the
    /// history before.
    std::size_t long_cases = 4;
    /// The number of steps of the longest history. About half of the steps are mutations.
    std::size_t long_steps = 1000;
};

namespace detail {

using crdt::Random;

/// The default of `extra` in check(): no extra laws.
struct NoExtraLaws {
    template <class L>
    void operator()(const L&, Findings&) const {}
};

/// Runs `laws`. An exception is recorded as a violation of the law that operations do not throw.
template <class Laws>
void catching(Findings& findings, Laws&& laws) {
    try {
        laws();
    } catch (const std::exception& error) {
        findings("lattice operations do not throw", false, [&] {
            return "got the exception \"" + std::string(error.what()) + "\", expected none";
        });
    }
}

/// Checks all laws of one state. Returns its parts.
template <class L, class Extra>
std::vector<L> check_state(const L& a, Extra& extra, Findings& findings) {
    std::vector<L> parts;
    catching(findings, [&] {
        parts = parts_of(a);
        findings.most_parts = (std::max)(findings.most_parts, parts.size());
        state_laws(a, parts, findings);
        if constexpr (Serializable<L>) codec_laws(a, findings);
        if constexpr (Serializable<DigestOf<L>> && !std::same_as<DigestOf<L>, L>)
            codec_laws(digest(a), findings);
        extra(a, findings);
    });
    return parts;
}

template <class L>
void check_pair(const L& a, const std::vector<L>& parts, const L& b, Findings& findings) {
    catching(findings, [&] {
        pair_laws(a, parts, b, findings);
        if constexpr (Serializable<L>) codec_laws(a, b, findings);
    });
}

template <class L>
void check_triple(const L& a, const std::vector<L>& parts, const L& b, const L& c,
                  Findings& findings) {
    catching(findings, [&] { triple_laws(a, parts, b, c, findings); });
}

/// Runs a history and checks the laws for its outcome. Returns the findings and the text of the
/// history, step by step.
template <class L, class Mutate, class Extra>
std::pair<Findings, std::string> check_history(const History& history, std::uint64_t seed,
                                               Mutate& mutate, Extra& extra) {
    Findings findings;
    Outcome<L> outcome;
    catching(findings, [&] {
        for (const Step& step : history) outcome.run(step, mutate);
        mutator_laws(outcome, findings);
        conflict_laws(outcome, findings);
        delivery_laws(outcome, Random(seed), findings);
    });
    const auto& [a, b, c] = outcome.replicas;
    const std::vector<L> parts = check_state(a, extra, findings);
    check_pair(a, parts, b, findings);
    check_triple(a, parts, b, c, findings);
    for (std::size_t i = 0; i < replica_count; ++i) {
        outcome.log +=
            "  so replica " + std::to_string(i) + " = " + value_text(outcome.replicas[i]) + "\n";
    }
    return {std::move(findings), std::move(outcome.log)};
}

/// Returns at most `limit` states, the smallest first: bottom, and the states that mutators and
/// joins make from bottom. Two of these states can contain different writes under one id. Such
/// states are in conflict and are not joined.
template <class L, class Mutate>
std::vector<L> small_states(Mutate& mutate, std::size_t limit) {
    std::vector<L> states{L{}};
    const auto add_state = [&](const L& state) {
        if (states.size() < limit && std::find(states.begin(), states.end(), state) == states.end())
            states.push_back(state);
    };
    for (std::size_t i = 0; i < states.size() && states.size() < limit; ++i) {
        for (std::size_t replica = 0; replica < replica_count; ++replica) {
            std::vector<std::uint64_t> decisions;
            do {
                Choices choices(decisions);
                L state = states[i];
                try {
                    mutate(state, replica, choices);
                } catch (const std::exception&) {
                    // A mutator may throw. mutator_laws checks the state after the exception.
                }
                add_state(state);
                decisions = choices.successor(2);
            } while (!decisions.empty());
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (!in_conflict(states[i], states[j])) add_state(join(states[i], states[j]));
        }
    }
    return states;
}

/// Adds findings to the report. `example` returns a counterexample to all violated laws.
template <class Example>
void add(const Findings& findings, Report& report, Example&& example) {
    for (const auto& [law, found] : findings.failures) {
        if (!report.violates(law)) report.violations.push_back({law, example(), found});
    }
}

template <class L, class Mutate, class Extra>
void check_histories(const Options& options, Mutate& mutate, Extra& extra, Report& report) {
    Random random(options.seed);
    for (std::size_t i = 0; i < options.cases + options.long_cases; ++i) {
        const std::uint64_t seed = random.next();
        const std::size_t steps = i < options.cases ? 1 + random.below(options.steps)
                                                    : options.long_steps >> (i - options.cases);
        const auto run = [&](const History& history) {
            return check_history<L>(history, seed, mutate, extra);
        };
        const History history = random_history(random, steps);
        const Findings findings = run(history).first;
        report.checks += findings.checks;
        report.most_parts = (std::max)(report.most_parts, findings.most_parts);
        for (const auto& failure : findings.failures) {
            if (report.violates(failure.law)) continue;
            const auto [smallest, log] = run(shrink(history, [&](const History& candidate) {
                return run(candidate).first.find(failure.law) != nullptr;
            }));
            // One counterexample is used for all laws that it violates, because a long history
            // often violates many laws, and each further shrink() would take as long.
            add(smallest, report, [&text = log] { return text; });
        }
    }
}

template <class L, class Mutate, class Extra>
void check_small_states(const Options& options, Mutate& mutate, Extra& extra, Report& report) {
    const std::vector<L> states = small_states<L>(mutate, options.small_states);
    const auto note = [&](const Findings& findings, const auto&... named) {
        report.checks += findings.checks;
        report.most_parts = (std::max)(report.most_parts, findings.most_parts);
        add(findings, report, [&] { return "  " + named_states(named...) + "\n"; });
    };
    for (const L& a : states) {
        Findings of_one;
        const std::vector<L> parts = check_state(a, extra, of_one);
        note(of_one, "a", a);
        for (const L& b : states) {
            if (in_conflict(a, b)) continue;
            Findings of_two;
            check_pair(a, parts, b, of_two);
            note(of_two, "a", a, "b", b);
            for (const L& c : states) {
                if (in_conflict(a, c) || in_conflict(b, c)) continue;
                Findings of_three;
                check_triple(a, parts, b, c, of_three);
                note(of_three, "a", a, "b", b, "c", c);
            }
        }
    }
}

}  // namespace detail

/// Checks the laws for the lattice L.
///
/// `mutate(L& state, std::size_t replica, Choices& choices)` makes one mutation under the id of the
/// replica with the number `replica` (0, 1 or 2). `choices` decides which mutation. `mutate`
/// returns the delta, or throws. `extra(const L& state, expect)` checks further laws: it calls
/// expect("name", holds) or expect("name", got, expected). The report shows `got` and `expected`.
/// The laws of codecs are checked if the type has a crdt::Serializer. docs/reference/laws.md lists
/// all laws.
///
///     const auto report = crdt::laws::check<crdt::GSet<int>>(
///         [](auto& set, std::size_t, crdt::laws::Choices& choices) {
///             return set.insert(choices.number<int>());
///         });
///     REQUIRE_MESSAGE(report.ok(), report.text());
///
/// The report contains the size of the largest checked state, and proves nothing about larger
/// states. For large states, let `mutate` choose among many keys.
///
/// Cost    `cases` histories of up to `steps` steps, `long_cases` of up to `long_steps`, and
///         `small_states`³ triples of small states
template <DecomposableLattice L, class Mutate, class Extra = detail::NoExtraLaws>
// The brackets are needed because <AssertMacros.h> of macOS has a macro with this name.
Report(check)(Mutate mutate, const Options& options = {}, Extra extra = {}) {
    Report report;
    report.seed = options.seed;
    report.has_form = Serializable<L>;
    detail::check_small_states<L>(options, mutate, extra, report);
    detail::check_histories<L>(options, mutate, extra, report);
    return report;
}

}  // namespace crdt::laws
