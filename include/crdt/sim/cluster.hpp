// SPDX-License-Identifier: MIT
//! Cluster: the replicas of a simulated run, their starts, crashes and departures, and the faults.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>
#include <crdt/random.hpp>
#include <crdt/sim/checkers/checkers.hpp>
#include <crdt/sim/event_queue.hpp>
#include <crdt/sim/network.hpp>
#include <crdt/sim/node.hpp>
#include <crdt/sim/options.hpp>
#include <crdt/sim/packet_codec.hpp>
#include <crdt/sim/report.hpp>
#include <crdt/sim/trace.hpp>

namespace crdt::sim {

/// The nodes, the network between them, the scheduled actions, and the faults. Simulator derives
/// from this class, and adds updates and messages.
template <DecomposableLattice L, class Policy>
class Cluster {
  protected:
    static constexpr Duration second = std::chrono::seconds{1};

    /// Whether replicas that write under one id for a while can still converge.
    static constexpr bool survives_shared_ids = !crdt::detail::CanConflict<L>;

    struct Action {
        enum Kind { update, faults, heal, tick, flush, crash, start, set_members, restore };
        Kind kind = update;
        std::size_t replica = 0;
        /// The run of the replica to which the action belongs.
        std::uint64_t run = 0;
        CrashKind crash_kind = {};
    };

    SimulationOptions options_;
    crdt::Random random_;
    Network<Frame> network_;
    Trace trace_;
    Report report_;
    Time now_{second};
    EventQueue<Action> actions_;
    std::vector<Node<L, Policy>> nodes_;
    std::vector<std::size_t> members_;
    Checkers<L, Policy> checkers_;
    std::optional<Time> healed_at_;
    std::uint64_t last_epoch_ = 0;

    Cluster(SimulationOptions options, std::uint64_t seed, bool keep_trace)
        : options_(std::move(options)),
          random_(seed),
          network_(~seed, options_.faults.network),
          trace_(keep_trace),
          checkers_(nodes_, options_.options, crdt::Random(seed * 3)) {
        report_.seed = seed;
    }
    ~Cluster() = default;
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    void schedule(Duration delay, Action action) { actions_.push(now_ + delay, action); }
    void schedule(Duration delay, typename Action::Kind kind, std::size_t index,
                  CrashKind crash_kind = {}) {
        schedule(delay, {kind, index, nodes_[index].run, crash_kind});
    }
    bool chance(unsigned percent) { return percent != 0 && random_.below(100) < percent; }
    Duration below(Duration bound) { return random_below(random_, bound); }
    void note(Event::Kind kind, std::size_t replica, std::string text = {}) {
        trace_.add({now_, kind, replica, replica, now_, 0, std::move(text)});
    }

    /// Makes all changes of a replica durable, and then acknowledges its updates.
    void flush(std::size_t index) {
        Node<L, Policy>& node = nodes_[index];
        node.storage.flush();
        for (const std::size_t update : node.unacknowledged)
            checkers_.updates().acknowledge(update);
        node.unacknowledged.clear();
    }

    // ---- the life cycle of replicas

    bool is_member(std::size_t index) const {
        return std::find(members_.begin(), members_.end(), index) != members_.end();
    }
    void reschedule(std::size_t index) {
        if (const auto at = nodes_[index].reschedule(now_))
            schedule(*at - now_, Action::tick, index);
    }
    static void rename(Node<L, Policy>& node) {
        if (Policy::changes_names) node.storage.begin_incarnation();
    }

    void start(std::size_t index) {
        Node<L, Policy>& node = nodes_[index];
        replication::Options options = options_.options;
        options.seed = random_.next();
        node.clock.drift = static_cast<unsigned>(random_.below(options_.faults.drift + 1));
        node.uses_next_version = chance(options_.faults.next_version);
        node.start(replication::Epoch{++last_epoch_}, options);
        checkers_.on_started(index);
        note(Event::Kind::started, index);
        set_members(index);
        node.engine->start(node.local(now_));
        reschedule(index);
    }
    void set_members(std::size_t index) {
        Node<L, Policy>& node = nodes_[index];
        node.set_members(members_, index, options_.overlay,
                         chance(options_.faults.duplicate_members), now_);
        if (node.dropped) checkers_.on_dropped(index, *node.dropped);
        reschedule(index);
    }
    /// Gives all members the current list of members, each at a different time.
    void change_views() {
        for (const std::size_t index : members_)
            schedule(below(second), Action::set_members, index);
    }

    void crash(std::size_t index, CrashKind kind) {
        if (healed_at_) return;
        Node<L, Policy>& node = nodes_[index];
        ++report_.crashes;
        node.crash(kind, random_);
        if (kind == CrashKind::empty) rename(node);
        note(Event::Kind::crashed, index, describe(kind));
        checkers_.on_stopped(index);
        checkers_.updates().crash(node.unacknowledged, node.storage.state());
        node.unacknowledged.clear();
        if (kind == CrashKind::empty || kind == CrashKind::old_copy) mark_destroyed();
        schedule(below(2 * second), Action::start, index);
    }
    void leave(std::size_t index) {
        if (members_.size() <= 2) return;
        std::erase(members_, index);
        nodes_[index].engine.reset();
        nodes_[index].storage.erase();
        checkers_.on_stopped(index);
        note(Event::Kind::left, index);
        mark_destroyed();
        change_views();
    }
    void join() {
        if (nodes_.size() >= options_.max_replicas) return;
        members_.push_back(nodes_.size());
        nodes_.emplace_back();
        start(nodes_.size() - 1);
        change_views();
    }
    void mark_destroyed() {
        checkers_.updates().mark_destroyed([&](const L& delta) {
            return std::any_of(nodes_.begin(), nodes_.end(), [&](const Node<L, Policy>& node) {
                return delta.leq(node.storage.state());
            });
        });
    }

    // ---- faults

    void draw_faults() {
        if (healed_at_) return;
        schedule(second, {Action::faults});
        const FaultOptions& faults = options_.faults;
        if (chance(faults.partition)) {
            if (network_.is_partitioned())
                network_.heal();
            else
                network_.partition(
                    TwoSides{random_.next(), faults.one_way && random_.below(2) == 0});
            note(network_.is_partitioned() ? Event::Kind::partitioned : Event::Kind::healed, 0);
        }
        for (const std::size_t index : std::vector<std::size_t>(members_)) draw_faults(index);
        if (chance(faults.join)) join();
        if (chance(faults.rewire)) {
            options_.overlay.shape = static_cast<replication::Overlay>(random_.below(4));
            ++options_.overlay.seed;
            change_views();
        }
        checkers_.compare(members_);
    }
    void draw_faults(std::size_t index) {
        const FaultOptions& faults = options_.faults;
        Node<L, Policy>& node = nodes_[index];
        if (chance(faults.pause)) {
            node.paused_until = now_ + below(3 * second);
            note(Event::Kind::paused, index);
        }
        if (chance(faults.clock_jump)) node.clock.offset += below(10 * second);
        const struct {
            unsigned percent;
            CrashKind kind;
        } crashes[] = {{faults.crash_complete, CrashKind::complete},
                       {faults.crash_torn_write, CrashKind::torn_write},
                       {faults.crash_durable, CrashKind::durable},
                       {faults.crash_old_copy, CrashKind::old_copy},
                       {faults.crash_empty, CrashKind::empty}};
        for (const auto& [percent, kind] : crashes) {
            if ((kind != CrashKind::old_copy || survives_shared_ids) && chance(percent))
                schedule(below(second), Action::crash, index, kind);
        }
        if (chance(30)) node.storage.copy();
        if (chance(faults.flap) && node.engine) {
            node.dropped = members_[random_.below(members_.size())];
            note(Event::Kind::dropped, index);
            set_members(index);
            schedule(below(3 * second), Action::restore, index);
        }
        if (chance(faults.leave)) return leave(index);
        reschedule(index);
    }

    void heal() {
        healed_at_ = now_;
        options_.faults = FaultOptions::none(options_.faults.network.mean_delay / 4 + Duration{1});
        network_.options = options_.faults.network;
        network_.heal();
        note(Event::Kind::healed, 0);
        for (const std::size_t index : members_) {
            Node<L, Policy>& node = nodes_[index];
            node.paused_until = now_;
            node.uses_next_version = false;
            node.dropped.reset();
            if (node.engine)
                set_members(index);
            else
                start(index);
            flush(index);
            reschedule(index);
        }
    }
};

}  // namespace crdt::sim
