// SPDX-License-Identifier: MIT
//! Checkers: all checks of a simulated run.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/random.hpp>
#include <crdt/sim/checkers/ack.hpp>
#include <crdt/sim/checkers/limits.hpp>
#include <crdt/sim/checkers/session.hpp>
#include <crdt/sim/checkers/state.hpp>
#include <crdt/sim/node.hpp>
#include <crdt/sim/options.hpp>

namespace crdt::sim {

/// Calls each checker at the steps that the checker examines, and keeps the first violation. The
/// simulator calls each member function when the event in its comment happens. Replicas are
/// numbered from 0, in the order of `nodes`.
template <DecomposableLattice L, class Policy>
class Checkers {
  public:
    /// The replicas.
    using Nodes = std::vector<Node<L, Policy>>;
    /// The engine of the replicas.
    using Replicator = typename Node<L, Policy>::Replicator;
    /// The messages of the replicas.
    using Message = replication::Message<L>;

    /// Makes the checkers of `nodes`. Some checks are not made at each step. `random` chooses the
    /// steps of these checks.
    Checkers(const Nodes& nodes, const replication::Options& options, crdt::Random random)
        : nodes_(nodes), random_(random), limits_(options) {}

    /// Returns the first violation, with the replica, or an empty string if no check has failed.
    const std::string& violation() const { return violation_; }
    /// Returns the replica of the first violation.
    std::size_t violator() const { return violator_; }
    /// Whether there is no violation.
    bool ok() const { return violation_.empty(); }
    /// All updates.
    StateChecker<L>& updates() { return state_; }
    /// All updates.
    const StateChecker<L>& updates() const { return state_; }

    /// Records the violation `wrong`, unless it is null.
    void expect(std::size_t replica, const char* wrong) {
        if (wrong == nullptr || !ok()) return;
        violation_ = std::string(wrong) + " (n" + std::to_string(replica) + ")";
        violator_ = replica;
    }

    /// A replica has started.
    void on_started(std::size_t replica) {
        ack_.on_changed(replica, engine(replica), engine(replica).state());
    }
    /// A replica has crashed, or left.
    void on_stopped(std::size_t replica) {
        ack_.clear(replica);
        limits_.clear(replica);
    }
    /// A replica has dropped `member` from its view, so it keeps nothing for this member.
    void on_dropped(std::size_t replica, std::size_t member) {
        ack_.clear_link(replica, member);
        limits_.clear_link(replica, member);
    }
    /// A replica was updated. `changes` is the number of changes, and `delta` is their join.
    /// `other` is the running replica that a client uses next.
    void on_updated(std::size_t replica, const L& delta, std::size_t changes, std::size_t other) {
        changes_ += changes;
        ack_.on_changed(replica, engine(replica), delta);
        if (random_.below(4) != 0) return;  // a digest costs as much as the state
        if (random_.below(5) == 0) session_ = {};
        session_.note(engine(replica).state());
        expect(other, session_.visit(engine(other).state()));
    }
    /// on_tick() has composed all messages, and on_sent() was called for each of them.
    void on_ticked(std::size_t replica, const std::vector<std::size_t>& members) {
        ack_.on_changed(replica, engine(replica), L{});
        expect(replica, limits_.check_log(replica, engine(replica), members, changes_, true));
        for (const std::size_t other : members) {
            if (other != replica) check_positions(replica, other);
        }
    }
    /// A replica sends a message.
    void on_sent(std::size_t replica, std::size_t to, const Message& message) {
        expect(replica, limits_.check_sent(replica, engine(replica), to, message,
                                           nodes_[replica].storage.state()));
        expect(replica, ack_.check_sent(replica, engine(replica), to, message));
    }
    /// A message arrives. Calls receive(message), which processes the message and returns what is
    /// new.
    template <class Receive>
    L on_received(std::size_t replica, std::size_t from, const Message& message,
                  const std::vector<std::size_t>& members, Receive&& receive) {
        if (random_.below(8) == 0) check_rejected(replica, message, receive);
        ack_.before_receive(engine(replica), from);
        L novel = receive(message);
        if (!novel.is_bottom()) expect(replica, state_.check_gained(novel));
        ack_.on_changed(replica, engine(replica), novel);
        expect(replica, ack_.check_received(engine(replica), from, message));
        expect(replica, limits_.on_received(replica, engine(replica), from, novel));
        expect(replica, limits_.check_log(replica, engine(replica), members, changes_, false));
        check_positions(replica, from);
        return novel;
    }
    /// All changes of a replica are durable. Checks that its state equals the durable state.
    void on_flushed(std::size_t replica) {
        expect(replica, StateChecker<L>::check_growth(engine(replica).state(),
                                                      nodes_[replica].storage.state()));
    }
    /// A second has passed. Compares the states of running replicas.
    void compare(const std::vector<std::size_t>& members) {
        const Replicator* before = nullptr;
        for (const std::size_t index : members) {
            const auto& engine = nodes_[index].engine;
            if (engine && before != nullptr)
                expect(index, StateChecker<L>::check_equal(engine->state(), before->state()));
            if (engine) before = &*engine;
        }
    }
    /// The run has ended, and nothing is sent any more. Checks the final states.
    void on_ended(const std::vector<std::size_t>& members) {
        compare(members);
        const L& final = engine(members.front()).state();
        expect(members.front(), state_.check_final(final));
        for (const std::size_t index : members) {
            if (!(engine(index).state() == final)) expect(index, "idle, but not converged");
            expect(index, limits_.check_idle(engine(index), members));
        }
    }

  private:
    const Nodes& nodes_;
    /// A separate generator, so that a check does not change the run.
    crdt::Random random_;
    StateChecker<L> state_ = {};
    AckChecker<L, Replicator> ack_ = {};
    SessionChecker<L> session_ = {};
    LimitsChecker<L, Replicator, Policy> limits_;
    /// The number of changes that all replicas have made.
    std::size_t changes_ = 0;
    std::string violation_ = {};
    std::size_t violator_ = 0;

    const Replicator& engine(std::size_t replica) const { return *nodes_[replica].engine; }

    void check_positions(std::size_t replica, std::size_t other) {
        const auto& peer = nodes_[other].engine;
        expect(replica,
               ack_.check_positions(replica, engine(replica), other, peer ? &*peer : nullptr));
    }
    /// Changes `message` so that no correct replica sends it, and checks that it is rejected.
    template <class Receive>
    void check_rejected(std::size_t replica, Message message, Receive&& receive) {
        message.to_epoch = engine(replica).epoch();
        switch (random_.below(4)) {
            case 0: message.ack = engine(replica).log().end() + 1 + random_.below(3); break;
            case 1: message.ack = 0; break;
            case 2: message.from_epoch = replication::unknown_epoch; break;
            default: message.changes = {{}, 2 + random_.below(3), 1};
        }
        const auto rejected = engine(replica).metrics().rejected;
        receive(message);
        if (engine(replica).metrics().rejected == rejected)
            expect(replica, "accepts a message that no correct replica sends");
    }
};

}  // namespace crdt::sim
