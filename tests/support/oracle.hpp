// SPDX-License-Identifier: MIT
//! The oracle: compares histories of replicas with a model that uses only the order of events.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/json.hpp>
#include <crdt/random.hpp>
#include <crdt/to_string.hpp>

#include "support/seeds.hpp"

namespace support {

using crdt::Random;

/// A set of events, by their numbers in the history.
class Known {
    std::uint32_t bits_ = 0;

  public:
    static constexpr std::size_t limit = 32;

    bool has(std::size_t event) const { return (bits_ >> event & 1U) != 0; }
    void add(std::size_t event) { bits_ |= std::uint32_t{1} << event; }
    void add(Known others) { bits_ |= others.bits_; }
    void remove(Known others) { bits_ &= ~others.bits_; }
    Known within(Known others) const {
        others.bits_ &= bits_;
        return others;
    }
    bool empty() const { return bits_ == 0; }
    bool all_in(Known others) const { return (bits_ & ~others.bits_) == 0; }
};

/// A mutation that took place.
template <class Op>
struct Event {
    std::size_t replica;
    Op op;
    /// The events that its replica had received before this event.
    Known seen;
};

/// A model of a type, which keeps every event and derives from those that a replica has seen
/// of the value it must have:
///
///     using State, Op;
///     Op draw(Random&)                                 any operation
///     State run(State&, replica, const Op&)            does it, and returns the delta
///     void  happen(events)                             the last event was added: take note
///     auto  expected(events, known)                    what must be seen
///     auto  actual(const State&)                       what is seen
///
/// A new model is made for each history. An operation that throws must change nothing.
template <class Model>
class OracleRun {
    using State = typename Model::State;
    static constexpr std::size_t replica_count = 3;

    struct View {
        State state;
        Known known;
    };

    Random random_;
    Model model_;
    std::vector<Event<typename Model::Op>> events_;
    std::vector<State> deltas_;
    std::array<View, replica_count> views_;
    std::vector<View> snapshots_;
    std::string log_;
    std::size_t steps_ = 0;

    void join(std::size_t replica, const State& state, Known known) {
        views_[replica].state.merge(state);
        views_[replica].known.add(known);
    }

    void mutate(std::size_t replica) {
        const auto op = model_.draw(random_);
        View& view = views_[replica];
        const State before = view.state;
        try {
            const State delta = model_.run(view.state, replica, op);
            log_ += " does event " + std::to_string(events_.size()) + ": " + to_string(delta);
            deltas_.push_back(delta);
        } catch (const std::exception& error) {
            log_ += std::string(" is refused: ") + error.what();
            CHECK(view.state == before);
            return;
        }
        events_.push_back({replica, op, view.known});
        model_.happen(events_);
        view.known.add(events_.size() - 1);
    }

    /// Delivers one earlier delta, or several joined. They are chosen at random, so deltas arrive
    /// late, twice or never.
    void deliver(std::size_t replica) {
        if (deltas_.empty()) return;
        State group;
        Known known;
        for (std::size_t i = 0; i <= random_.below(3); ++i) {
            const std::size_t event = random_.below(deltas_.size());
            group.merge(deltas_[event]);
            known.add(event);
            log_ += " receives delta " + std::to_string(event);
        }
        join(replica, group, known);
    }

    void step() {
        const std::size_t replica = random_.below(replica_count);
        const std::size_t other = random_.below(replica_count);
        log_ += "  replica " + std::to_string(replica);
        switch (random_.below(8)) {
            case 0:
                log_ += " merges replica " + std::to_string(other);
                join(replica, State(views_[other].state), views_[other].known);
                break;
            case 1:
                log_ += " receives by digest what it lacks of replica " + std::to_string(other);
                join(replica, difference(views_[other].state, digest(views_[replica].state)),
                     views_[other].known);
                break;
            case 2:
                snapshots_.push_back(views_[replica]);
                log_ += " is copied";
                break;
            case 3:
                if (snapshots_.empty()) break;
                log_ += " merges an old copy";
                {
                    const View& old = snapshots_[random_.below(snapshots_.size())];
                    join(replica, old.state, old.known);
                }
                break;
            case 4: deliver(replica); break;
            default:
                if (events_.size() < Known::limit) mutate(replica);
        }
        log_ += "\n";
        ++steps_;
    }

  public:
    explicit OracleRun(std::uint64_t seed) : random_(seed) {}

    /// Runs a history. Returns its log if the type and the model differ, otherwise nothing.
    std::optional<std::string> run(std::size_t length) {
        while (steps_ < length) {
            step();
            for (const View& view : views_) {
                if (model_.expected(events_, view.known) == model_.actual(view.state)) continue;
                return log_ + "  then the model is not matched by " + to_string(view.state);
            }
        }
        return std::nullopt;
    }
};

/// The base class of models that keep no data besides the events.
struct NoMemory {
    template <class Events>
    void happen(const Events&) {}
};

inline constexpr std::size_t history_count = seeds(10000);

/// Returns the shortest history of up to 24 steps in which the type and the model differ, with its
/// seed. Returns nothing if they never differ.
template <class Model>
std::optional<std::string> find_failure() {
    std::optional<std::string> shortest;
    for (std::uint64_t seed = 1; seed <= history_count; ++seed) {
        const auto failure = OracleRun<Model>(seed).run(1 + seed % 24);
        if (!failure || (shortest && shortest->size() <= failure->size())) continue;
        shortest = "seed " + std::to_string(seed) + "\n" + *failure;
    }
    return shortest;
}

template <class Model>
void check_oracle() {
    const auto failure = find_failure<Model>();
    CHECK_MESSAGE(!failure, failure.value_or(""));
}

/// Returns the id of a replica in models.
inline const std::string& replica_name(std::size_t replica) {
    static const std::array<std::string, 3> names{"a", "b", "c"};
    return names[replica];
}

}  // namespace support
