// SPDX-License-Identifier: MIT
//! check: holds a type against all laws, with generated histories and with all small states.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/detail/random.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>
#include <crdt/laws/choices.hpp>
#include <crdt/laws/history.hpp>
#include <crdt/laws/laws.hpp>

namespace crdt::laws {

/// How much is generated.
struct Options {
    /// Of all that is generated.
    std::uint64_t seed = 1;
    /// Generated histories.
    std::size_t cases = 300;
    /// The most steps of a history.
    std::size_t steps = 12;
    /// The first small states found, of which all triples are checked.
    std::size_t small_states = 24;
};

/// A law that does not hold, and the smallest history or states found that show it.
struct Violation {
    /// As laws.hpp words it.
    std::string law;
    /// The history, step by step, or the states.
    std::string counterexample;
};

/// What a check found.
struct Report {
    /// To see it again.
    std::uint64_t seed = 0;
    /// How many laws were held against how many states.
    std::size_t checks = 0;
    /// One for each law that does not hold.
    std::vector<Violation> violations;

    bool ok() const { return violations.empty(); }
    /// Is that law among them?
    bool violates(std::string_view law) const {
        return std::any_of(violations.begin(), violations.end(),
                           [&](const Violation& violation) { return violation.law == law; });
    }
    /// For a test's message: each violation with its counterexample, and the seed to see it again.
    std::string text() const {
        std::string result = std::to_string(checks) + " checks, seed " + std::to_string(seed);
        for (const Violation& violation : violations) {
            result += "\nviolated: " + violation.law + "\n" + violation.counterexample;
        }
        return result;
    }
};

namespace detail {

using crdt::detail::conflicting;
using crdt::detail::Random;

/// Remembers which laws failed in one evaluation.
struct Failed {
    std::vector<std::string> laws;
    std::size_t checks = 0;

    void operator()(const char* law, bool holds) {
        ++checks;
        if (!holds && !contains(law)) laws.emplace_back(law);
    }
    bool contains(std::string_view law) const {
        return std::find(laws.begin(), laws.end(), law) != laws.end();
    }
};

constexpr const char* no_throw_law = "lattice operations do not throw";

template <class L, class Extra>
void check_states(const L& a, const L& b, const L& c, Extra& extra, Failed& failed) {
    try {
        semilattice_laws(a, b, c, failed);
        decomposition_laws(a, b, c, failed);
        extra(a, failed);
    } catch (const std::exception&) {
        failed(no_throw_law, false);
    }
}

template <class L, class Mutate, class Extra>
std::pair<Failed, std::string> check_history(const History& history, std::uint64_t seed,
                                             Mutate& mutate, Extra& extra) {
    Failed failed;
    Outcome<L> outcome;
    try {
        for (const Step& step : history) outcome.run(step, mutate);
        mutator_laws(outcome, failed);
        delivery_laws(outcome, Random(seed), failed);
    } catch (const std::exception&) {
        failed(no_throw_law, false);
    }
    const auto& replicas = outcome.replicas;
    check_states(replicas[0], replicas[1], replicas[2], extra, failed);
    for (std::size_t i = 0; i < replica_count; ++i) {
        outcome.log += "  so replica " + std::to_string(i) + " = " + shown(replicas[i]) + "\n";
    }
    return {failed, outcome.log};
}

/// Drops steps and lowers decisions as long as `still_fails`.
template <class Predicate>
History shrink(History history, Predicate&& still_fails) {
    const auto try_instead = [&](History candidate) {
        if (!still_fails(candidate)) return false;
        history = std::move(candidate);
        return true;
    };
    for (bool progress = true; progress;) {
        progress = false;
        for (std::size_t i = history.size(); i-- > 0;) {
            History candidate = history;
            candidate.erase(candidate.begin() + static_cast<std::ptrdiff_t>(i));
            progress |= try_instead(std::move(candidate));
        }
        for (std::size_t i = 0; i < history.size(); ++i) {
            for (std::size_t j = 0; j < history[i].choices.size(); ++j) {
                for (const std::uint64_t lower : {std::uint64_t{0}, history[i].choices[j] / 2}) {
                    if (lower >= history[i].choices[j]) continue;
                    History candidate = history;
                    candidate[i].choices[j] = lower;
                    progress |= try_instead(std::move(candidate));
                }
            }
        }
    }
    return history;
}

/// Bottom and what mutators and joins make of it, smallest first, `limit` states at most. A replica
/// goes many ways here, so states may be in conflict; those are not joined.
template <class L, class Mutate>
std::vector<L> small_states(Mutate& mutate, std::size_t limit) {
    std::vector<L> states{L{}};
    const auto add = [&](const L& state) {
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
                    // A refusal: what it leaves behind is checked by mutator_laws.
                }
                add(state);
                decisions = choices.successor(2);
            } while (!decisions.empty());
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (!conflicting(states[i], states[j])) add(join(states[i], states[j]));
        }
    }
    return states;
}

template <class L, class Mutate, class Extra>
void check_histories(const Options& options, Mutate& mutate, Extra& extra, Report& report) {
    Random random(options.seed);
    for (std::size_t i = 0; i < options.cases; ++i) {
        const std::uint64_t seed = random.next();
        const History history = random_history(random, 1 + random.below(options.steps));
        const Failed failed = check_history<L>(history, seed, mutate, extra).first;
        report.checks += failed.checks;
        for (const std::string& law : failed.laws) {
            if (report.violates(law)) continue;
            const History small = shrink(history, [&](const History& candidate) {
                return check_history<L>(candidate, seed, mutate, extra).first.contains(law);
            });
            report.violations.push_back({law, check_history<L>(small, seed, mutate, extra).second});
        }
    }
}

template <class L, class Mutate, class Extra>
void check_small_states(const Options& options, Mutate& mutate, Extra& extra, Report& report) {
    const std::vector<L> states = small_states<L>(mutate, options.small_states);
    for (const L& a : states) {
        for (const L& b : states) {
            for (const L& c : states) {
                if (conflicting(a, b) || conflicting(a, c) || conflicting(b, c)) continue;
                Failed failed;
                check_states(a, b, c, extra, failed);
                report.checks += failed.checks;
                for (const std::string& law : failed.laws) {
                    if (report.violates(law)) continue;
                    report.violations.push_back({law, "  a = " + shown(a) + "\n  b = " + shown(b) +
                                                          "\n  c = " + shown(c) + "\n"});
                }
            }
        }
    }
}

struct NoExtraLaws {
    template <class L>
    void operator()(const L&, Failed&) const {}
};

}  // namespace detail

/// Holds the lattice L against the laws.
///
/// `mutate(L& state, std::size_t replica, Choices& choices)` does one mutation, decided by
/// `choices`, as the replica of that number (0, 1, 2), and returns its delta; it may throw instead.
/// `extra(const L& state, expect)` states further laws, as expect("name", holds).
///
///     const auto report = crdt::laws::check<crdt::GSet<int>>(
///         [](auto& set, std::size_t, crdt::laws::Choices& choices) {
///             return set.insert(choices.number<int>());
///         });
///     REQUIRE_MESSAGE(report.ok(), report.text());
///
/// Cost    `cases` histories of up to `steps` steps, and `small_states`³ triples of small states
template <DecomposableLattice L, class Mutate, class Extra = detail::NoExtraLaws>
Report check(Mutate mutate, const Options& options = {}, Extra extra = {}) {
    Report report;
    report.seed = options.seed;
    detail::check_small_states<L>(options, mutate, extra, report);
    detail::check_histories<L>(options, mutate, extra, report);
    return report;
}

}  // namespace crdt::laws
