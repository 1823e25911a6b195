// SPDX-License-Identifier: MIT
//! Histories: the steps of generated replicas, as data that can be replayed and shrunk.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include <crdt/laws/choices.hpp>
#include <crdt/random.hpp>
#include <crdt/to_string.hpp>

namespace crdt::laws {

inline constexpr std::size_t replica_count = 3;

/// One step of one replica.
struct Step {
    enum class Kind { mutate, merge_state, deliver_delta };
    Kind kind = Kind::mutate;
    std::size_t replica = 0;
    /// Selects the replica to merge, or the delta to deliver. The number of the replica or delta is
    /// `source`, modulo the number of replicas or deltas.
    std::size_t source = 0;
    /// The decisions of the mutator.
    std::vector<std::uint64_t> choices;
};

using History = std::vector<Step>;

inline History random_history(Random& random, std::size_t steps) {
    History history(steps);
    for (Step& step : history) {
        // About half of the steps are mutations. The other steps exchange states and deltas.
        constexpr std::array kinds{Step::Kind::mutate, Step::Kind::mutate, Step::Kind::merge_state,
                                   Step::Kind::deliver_delta};
        step.kind = kinds[random.below(kinds.size())];
        step.replica = random.below(replica_count);
        step.source = random.next() % 1024;
        if (step.kind != Step::Kind::mutate) continue;
        step.choices.resize(8);
        for (std::uint64_t& choice : step.choices) choice = random.next();
    }
    return history;
}

/// Returns a state, or another value that a law compares, as text. If the type has no to_string(),
/// returns a placeholder.
template <class T>
std::string value_text(const T& value) {
    if constexpr (requires { to_string(value); }) return to_string(value);
    return "(no to_string() for this type)";
}
/// Returns several values as text.
template <class T>
std::string value_text(const std::vector<T>& values) {
    std::string result = std::to_string(values.size()) + " of them:";
    for (const T& value : values) result += " " + value_text(value);
    return result;
}

/// A mutation that did not throw: the states before and after it, and its delta.
template <class L>
struct Mutation {
    L before, after, delta;
};

/// A mutation that threw: the states before and after it.
template <class L>
struct Failure {
    L before, after;
};

/// The outcome of a history.
template <class L>
struct Outcome {
    std::array<L, replica_count> replicas{};
    std::vector<Mutation<L>> mutations;
    std::vector<Failure<L>> failures;
    std::string log;

    /// Runs one step. `mutate` is called as mutate(state, replica, choices).
    template <class Mutate>
    void run(const Step& step, Mutate& mutate) {
        L& state = replicas[step.replica];
        log += "  replica " + std::to_string(step.replica);
        if (step.kind == Step::Kind::mutate) {
            run_mutator(state, step, mutate);
        } else if (step.kind == Step::Kind::merge_state) {
            const std::size_t source = step.source % replica_count;
            state.merge(L(replicas[source]));
            log += " merges replica " + std::to_string(source);
        } else if (!mutations.empty()) {
            const std::size_t source = step.source % mutations.size();
            state.merge(mutations[source].delta);
            log += " receives delta " + std::to_string(source);
        }
        log += "\n";
    }

  private:
    template <class Mutate>
    void run_mutator(L& state, const Step& step, Mutate& mutate) {
        const L before = state;
        Choices choices(step.choices);
        try {
            const L delta = mutate(state, step.replica, choices);
            log +=
                " mutates: delta " + std::to_string(mutations.size()) + " = " + value_text(delta);
            mutations.push_back({before, state, delta});
        } catch (const std::exception& error) {
            log += std::string(" fails to mutate: ") + error.what();
            failures.push_back({before, state});
        }
    }
};

}  // namespace crdt::laws
