// SPDX-License-Identifier: MIT
//! Fuzzes the replication engine with any calls, and any messages from any sender, in any order.
//! Each type of state has a target of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <crdt/causal/dot_set.hpp>
#include <crdt/replication/replicator.hpp>

#include "input.hpp"

namespace engine_fuzz {

using namespace crdt::replication;

inline void expect(bool condition) {
    if (!condition) std::abort();
}

/// Reads decisions from the input.
class EngineInput : public FuzzInput {
  public:
    using FuzzInput::FuzzInput;

    /// Returns a number that is small or near a limit of the range.
    std::uint64_t number() {
        const std::uint64_t value = byte();
        return value < 200 ? value : ~std::uint64_t{0} - (255 - value);
    }
    /// Merges removed dots, up to the greatest possible number.
    template <class State>
    void merge_removed(State& state) {
        const std::uint64_t first = number(), last = number();
        if (first == 0 || first > last) return;
        state.merge(State::from_lattice(typename State::lattice_type(
            {}, crdt::DotSet<std::uint8_t>(crdt::DotRange<std::uint8_t>{7, first, last}))));
    }
    std::vector<std::uint8_t> peers() {
        std::vector<std::uint8_t> peers;
        const unsigned chosen = byte();
        for (std::uint8_t id = 0; id < 4; ++id) {
            if (((chosen >> id) & 1U) != 0) peers.push_back(id);
            if (((chosen >> id) & 16U) != 0) peers.push_back(id);  // may be the second time
        }
        return peers;
    }
};

/// The engine of a type of state, and the messages for it. States is a type with these members:
///     using State                             the type of state
///     static State any(EngineInput&)          any state
///     static State write(State&, EngineInput&)    a write by replica 9; returns the delta
template <class States>
class EngineFuzzer {
    using State = typename States::State;

    /// Makes a digest expensive, so that the engine also sends requests by sketch.
    struct Weighing : Policy {
        static std::size_t digest_cost(const crdt::DigestOf<State>& digest) {
            return digest.context.range_count();
        }
    };
    using Engine = Replicator<State, std::uint8_t, Weighing>;

    EngineInput input_;
    Options options_;

    Changes<State> changes() {
        Changes<State> changes{States::any(input_), input_.number(), input_.number()};
        const std::uint8_t parts = input_.byte();
        changes.kind = static_cast<TransferKind>(parts % 4);
        changes.more_pieces = (parts & 4U) != 0;
        if ((parts & 8U) != 0) changes.sketch = Sketch::of(States::any(input_), {input_.number()});
        return changes;
    }
    LogPositions followed() {
        LogPositions positions;
        for (int left = input_.byte() % 4; left > 0; --left)
            positions.insert_or_assign(Epoch{input_.number()}, input_.number());
        return positions;
    }
    Message<State> message(const Engine& engine) {
        Message<State> message;
        const std::uint8_t parts = input_.byte();
        message.from_epoch = Epoch{input_.number()};
        message.to_epoch = (parts & 1U) != 0 ? engine.epoch() : Epoch{input_.number()};
        if ((parts & 2U) != 0) message.ack = input_.number();
        if ((parts & 4U) != 0) message.changes = changes();
        if ((parts & 8U) != 0) message.digest = digest(States::any(input_));
        message.requests_digest = (parts & 16U) != 0;
        message.invites_request = (parts & 32U) != 0;
        message.answer_pending = (parts & 64U) != 0;
        if ((parts & 128U) != 0)
            message.sketch = Sketch::of(States::any(input_), {input_.number()});
        if ((parts & 1U) != 0)
            message.fingerprint = Fingerprint{input_.number(), input_.number(), input_.number()};
        return message;
    }
    void call(Engine& engine, Time& now) {
        State before = engine.state();
        switch (input_.byte() % 8) {
            case 0:
                engine.update([&](State& state) { return States::write(state, input_); });
                break;
            case 1: {
                const auto members = input_.peers();
                engine.set_peers(members, input_.peers(), now);
                break;
            }
            case 2: engine.stop(); break;
            case 3: engine.start(now); break;
            case 4: now += Duration{input_.number() % 4'000'000}; break;
            case 7: engine.pass_on_relays(); [[fallthrough]];
            default: {
                const std::uint8_t from = input_.byte() % 5;
                Message<State> received = message(engine);
                if (from < 2) received.followed = followed();
                const State novel = engine.on_message(from, received, now);
                before.merge(novel);
                expect(before == engine.state());
            }
        }
    }
    void tick(Engine& engine, Time now) {
        for (const auto& outgoing : engine.on_tick(now)) {
            expect(outgoing.message.from_epoch == Epoch{5});
            if (!outgoing.message.changes) continue;
            const State& delta = outgoing.message.changes->delta;
            expect(range_count(delta) <= 2 * options_.message_limit);
            expect(delta.leq(engine.state()));
        }
        expect(engine.log().cost() <= options_.log_limit + 32 * options_.message_limit);
        expect(engine.relays().cost() <= options_.message_limit);
    }

  public:
    EngineFuzzer(const std::uint8_t* data, std::size_t size) : input_(data, size) {
        options_.log_limit = 1U + input_.byte();
        options_.message_limit = 1U + input_.byte() % 16U;
        options_.digest_limit = input_.byte() % 4U;
    }
    void run() {
        Engine engine(Epoch{5}, options_);
        Time now{Duration{1000}};
        engine.set_peers({0, 1, 2, 3}, {0, 1}, now);
        engine.start(now);
        while (input_.has_more()) {
            call(engine, now);
            tick(engine, now);
        }
    }
};

}  // namespace engine_fuzz
