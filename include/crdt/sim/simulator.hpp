// SPDX-License-Identifier: MIT
//! Simulator: replicas of any lattice under faults. The same seed gives the same run.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <crdt/codec/serializer.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/hash.hpp>
#include <crdt/random.hpp>
#include <crdt/sim/cluster.hpp>
#include <crdt/sim/network.hpp>
#include <crdt/sim/node.hpp>
#include <crdt/sim/options.hpp>
#include <crdt/sim/packet_codec.hpp>
#include <crdt/sim/report.hpp>
#include <crdt/sim/trace.hpp>

namespace crdt::sim {

/// One simulated run. The replicas of L are changed by `mutate(L&, writer, random) -> delta`.
/// `writer` is the id under which the replica writes. No other replica has this id, and a replica
/// that has lost its state gets a new id. At first the faults of the options occur. When they have
/// ended, the run continues until nothing is sent. The checkers (see checkers/) check every step.
template <DecomposableLattice L, class Mutate, class Policy = sim::Policy>
    requires Serializable<L>
class Simulator : Cluster<L, Policy> {
    using Base = Cluster<L, Policy>;
    using Base::actions_, Base::checkers_, Base::healed_at_, Base::members_, Base::network_,
        Base::nodes_, Base::now_, Base::options_, Base::random_, Base::report_, Base::trace_;
    using Base::below, Base::crash, Base::draw_faults, Base::flush, Base::heal, Base::is_member,
        Base::note, Base::rename, Base::reschedule, Base::schedule, Base::second, Base::set_members,
        Base::start;
    using typename Base::Action;

    Mutate mutate_;

  public:
    /// The messages of the replicas.
    using Message = replication::Message<L>;

    /// Makes a run. If `keep_trace` is true, the events of the run are kept for trace().
    Simulator(SimulationOptions options, std::uint64_t seed, Mutate mutate, bool keep_trace = false)
        : Base(std::move(options), seed, keep_trace), mutate_(std::move(mutate)) {}

    /// Runs until no replica sends, or until a check fails. Call it once.
    Report run() {
        for (std::size_t i = 0; i < options_.replicas; ++i) members_.push_back(i);
        nodes_.resize(options_.replicas);
        for (const std::size_t i : members_) start(i);
        schedule(update_gap(), {Action::update});
        schedule(second, {Action::faults});
        schedule(options_.faulty_for, {Action::heal});
        while (checkers_.ok() && step()) continue;
        if (checkers_.ok()) checkers_.on_ended(members_);
        if (!checkers_.ok())
            note(Event::Kind::violation, checkers_.violator(), checkers_.violation());
        report_.violation = checkers_.violation();
        report_.trace_hash = trace_.hash();
        return report_;
    }

    /// Returns the events, if they were kept.
    const Trace& trace() const { return trace_; }
    /// All updates, in their order.
    const std::vector<Update<L>>& updates() const { return checkers_.updates().updates(); }
    /// Returns the number of replicas that took part in the run.
    std::size_t replica_count() const { return nodes_.size(); }
    /// Returns the final state, which is the same at all replicas.
    const L& state() const { return nodes_[members_.front()].engine->state(); }
    /// Returns the metrics of `replica`, which must be a member at the end.
    const replication::Metrics& metrics(std::size_t replica) const {
        return nodes_[replica].engine->metrics();
    }

  private:
    Duration update_gap() { return Duration{1} + below(2 * second / options_.rate); }

    /// Processes the next message or action. Returns false if no message or action is left.
    bool step() {
        const auto arrival = network_.next_arrival(), due = actions_.next_time();
        if (!arrival && !due) return false;
        if (arrival && (!due || *arrival <= *due)) {
            now_ = *arrival;
            deliver(*network_.receive(now_));
        } else {
            const auto next = actions_.pop();
            now_ = next.at;
            perform(next.event);
        }
        if (!healed_at_) return true;
        report_.silent_after = now_ - *healed_at_;
        if (report_.silent_after > settle_within()) checkers_.expect(0, "not idle in time");
        return true;
    }
    /// Returns the time within which the run must end. It is the time in the options, plus one
    /// round trip for each message that brings one replica after the other up to date. If the
    /// limits are tiny, there are many such messages.
    Duration settle_within() const {
        const Duration round_trip =
            2 * (options_.faults.network.mean_delay + std::chrono::milliseconds{1});
        const auto changes = options_.burst * updates().size();
        return options_.settle_within +
               round_trip * ((changes / options_.options.message_limit + 1) * nodes_.size());
    }

    void perform(const Action& action) {
        const std::size_t index = action.replica;
        switch (action.kind) {
            case Action::update: return update();
            case Action::faults: return draw_faults();
            case Action::heal: return heal();
            case Action::start:
                return nodes_[index].engine || !is_member(index) ? void() : start(index);
            default: break;
        }
        if (!nodes_[index].engine || nodes_[index].run != action.run) return;
        switch (action.kind) {
            case Action::tick: return tick(index);
            case Action::flush: return flush(index);
            case Action::crash: return crash(index, action.crash_kind);
            case Action::restore: nodes_[index].dropped.reset(); [[fallthrough]];
            default: return set_members(index);
        }
    }

    // ---- updates and messages

    void update() {
        if (healed_at_) return;
        schedule(update_gap(), {Action::update});
        const std::size_t index = members_[random_.below(members_.size())];
        Node<L, Policy>& node = nodes_[index];
        if (!node.is_active(now_)) return;
        const std::size_t changes = 1 + random_.below(options_.burst);
        const L delta = node.engine->update([&](L& state) {
            L joined = mutate_(state, node.writer(index), random_);
            for (std::size_t i = 1; i < changes; ++i)
                joined.merge(mutate_(state, node.writer(index), random_));
            return joined;
        });
        node.storage.write(delta);
        ++report_.updates;
        note(Event::Kind::update, index);
        node.unacknowledged.push_back(checkers_.updates().add(index, delta, !Policy::persists_first,
                                                              !node.storage.is_outdated()));
        const std::size_t other = members_[random_.below(members_.size())];
        checkers_.on_updated(index, delta, changes, nodes_[other].engine ? other : index);
        schedule(std::chrono::milliseconds{random_.below(20)}, Action::flush, index);
        reschedule(index);
    }

    void tick(std::size_t index) {
        Node<L, Policy>& node = nodes_[index];
        if (!node.tick_at || *node.tick_at > now_) return;
        node.tick_at.reset();
        if (!node.is_active(now_)) return reschedule(index);
        if (Policy::persists_first) {
            flush(index);
            checkers_.on_flushed(index);
        }
        const auto outgoing = node.engine->on_tick(node.local(now_));
        for (const auto& each : outgoing) checkers_.on_sent(index, each.to, each.message);
        checkers_.on_ticked(index, members_);
        for (const auto& each : outgoing) send(index, each.to, each.message);
        reschedule(index);
    }

    void send(std::size_t from, std::size_t to, const Message& message) {
        Frame frame = PacketCodec<L>::encode(message, nodes_[from].uses_next_version);
        ++report_.messages;
        report_.bytes += frame.bytes.size();
        if (message.changes) report_.parts += part_count(message.changes->delta);
        trace_.add({now_, Event::Kind::sent, from, to, now_, frame.bytes.size(), {}});
        if (!network_.send(from, to, std::move(frame), now_))
            trace_.add({now_, Event::Kind::lost, to, from, now_, 0, {}});
    }

    void deliver(Packet<Frame> packet) {
        const std::size_t index = packet.to, from = packet.from;
        Node<L, Policy>& node = nodes_[index];
        if (packet.is_lost || !node.engine)
            return trace_.add({now_, Event::Kind::lost, index, from, packet.sent_at, 0, {}});
        // As in the socket of a paused process, the message waits until the pause ends.
        if (!node.is_active(now_)) return network_.postpone(std::move(packet), node.paused_until);
        const auto message = PacketCodec<L>::decode(packet.payload.bytes);
        if (bool(message) == (packet.is_corrupted || packet.payload.is_next_version))
            checkers_.expect(index, message ? "accepts a bad frame" : "rejects a good frame");
        if (!message) {
            ++report_.rejected;
            return trace_.add({now_, Event::Kind::rejected, index, from, packet.sent_at, 0,
                               message.error().to_string()});
        }
        const L novel =
            checkers_.on_received(index, from, *message, members_, [&](const Message& received) {
                return node.engine->on_message(from, received, node.local(now_));
            });
        if constexpr (requires { novel.has_writes_of(std::size_t{}); }) {
            if (novel.has_writes_of(node.writer(index))) rename(node);
        }
        node.storage.write(novel);
        trace_.add({now_, Event::Kind::arrived, index, from, packet.sent_at,
                    crdt::detail::hash_of(novel),
                    trace_.is_kept() ? PacketCodec<L>::describe(*message) : std::string()});
        reschedule(index);
    }
};

/// Runs the simulation with the options that `seed` draws.
template <class L, class Policy = sim::Policy, class Mutate>
Report simulate(std::uint64_t seed, Mutate mutate) {
    return Simulator<L, Mutate, Policy>(SimulationOptions::draw(seed), seed, std::move(mutate))
        .run();
}

/// Runs the same simulation as simulate(), and returns its trace.
template <class L, class Policy = sim::Policy, class Mutate>
Trace trace(std::uint64_t seed, Mutate mutate) {
    Simulator<L, Mutate, Policy> simulator(SimulationOptions::draw(seed), seed, std::move(mutate),
                                           true);
    simulator.run();
    return simulator.trace();
}

}  // namespace crdt::sim
