// SPDX-License-Identifier: MIT
//! Simulator: replicas of any lattice in a world of faults; the same seed is the same run.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>
#include <crdt/lattice/hash.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/overlay.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/sim/client.hpp>
#include <crdt/sim/clock.hpp>
#include <crdt/sim/disk.hpp>
#include <crdt/sim/faults.hpp>
#include <crdt/sim/ledger.hpp>
#include <crdt/sim/link_checker.hpp>
#include <crdt/sim/promises.hpp>
#include <crdt/sim/trace.hpp>
#include <crdt/sim/wire.hpp>

namespace crdt::sim {

/// What the simulated nodes keep to. Take a rule away, and runs must fail.
struct Policy : replication::Policy {
    /// What is not durable is neither acknowledged to a client nor sent to a peer.
    static constexpr bool persists_first = true;
    /// A replica that lost its state, or sees that it did, writes under another name.
    static constexpr bool renews_names = true;
};

/// What became of a run.
struct Report {
    /// To see it again.
    std::uint64_t seed = 0;
    /// Empty if no invariant was violated.
    std::string violation;
    /// Of all that happened, in its order.
    std::uint64_t trace_hash = 0;
    std::uint64_t updates = 0;   ///< made
    std::uint64_t messages = 0;  ///< sent
    std::uint64_t parts = 0;     ///< join-irreducible ones, in them
    std::uint64_t bytes = 0;     ///< of their frames
    std::uint64_t refused = 0;   ///< frames
    std::uint64_t crashes = 0;   ///< of replicas
    /// From the heal until the last message.
    Duration silent_after{};

    /// Was no promise broken?
    bool ok() const { return violation.empty(); }
};

/// A run: replicas of L are changed by `mutate(L&, writer, random) -> delta`. `writer` is a number
/// that no other replica has, and no incarnation that lost its state. While the faults last,
/// replicas crash, are partitioned, join and leave. Then all faults end.
///
/// Checked at every step: a state only grows, and only by what arrived, until its replica crashes;
/// it is the join of the parts of updates that it contains; an ack covers only what the replica
/// has; messages and logs are within their limits; a corrupted frame is refused, and so is a
/// message that no correct replica sends; a session token is correct about what a replica has; and
/// the properties of each link in link_checker.hpp. Checked at the end: all states, their bytes and
/// their hashes are equal; they contain every acknowledged update unless its last durable copy was
/// destroyed, and nothing but updates; then no replica sends, and all logs are empty.
template <DecomposableLattice L, class Mutate, class Policy = sim::Policy>
    requires Serializable<L>
class Simulator {
  public:
    /// The type of its replicas.
    using Replicator = replication::Replicator<L, std::size_t, Policy>;
    /// The type of their messages.
    using Message = replication::Message<L>;

    /// With `keep_trace`, the events of the run are kept for trace().
    Simulator(SimulationOptions world, std::uint64_t seed, Mutate mutate, bool keep_trace = false)
        : world_(std::move(world)),
          random_(seed),
          probe_(~seed),
          mutate_(std::move(mutate)),
          trace_(keep_trace) {
        report_.seed = seed;
    }

    /// Runs until no replica sends, or until a check fails. Call it once.
    Report run() {
        for (std::size_t i = 0; i < world_.replicas; ++i) {
            members_.push_back(i);
            replicas_.emplace_back();
        }
        for (const std::size_t i : members_) start(i);
        schedule(now_ + update_gap(), {Action::update});
        schedule(now_ + second, {Action::faults});
        schedule(now_ + world_.faulty_for, {Action::heal});
        while (!queue_.empty() && report_.ok()) {
            auto next = queue_.extract(queue_.begin());
            now_ = next.key().first;
            perform(next.mapped());
            if (healed_at_ && now_ > *healed_at_ + patience()) fail(0, "not silent in time");
        }
        if (report_.ok()) check_end();
        report_.trace_hash = trace_.hash();
        return report_;
    }

    /// What happened, if it was kept.
    const Trace& trace() const { return trace_; }
    /// All that were made, in their order.
    const std::vector<Update<L>>& updates() const { return ledger_.updates(); }
    /// The number of replicas.
    std::size_t replica_count() const { return replicas_.size(); }
    /// The state that all ended in.
    const L& state() const { return replicas_[members_.front()].engine->state(); }
    /// Of a replica that is there at the end.
    const replication::Metrics& metrics(std::size_t replica) const {
        return replicas_[replica].engine->metrics();
    }

  private:
    static constexpr Duration second = std::chrono::milliseconds{1000};

    /// Can replicas act under one name for a while, and still agree?
    static constexpr bool survives_twins = !crdt::detail::CanConflict<L>;

    struct Action {
        enum Kind { update, faults, heal, tick, commit, deliver, crash, start, view };
        Kind kind = update;
        std::size_t replica = 0;
        std::uint64_t life = 0;
        std::size_t from = 0;
        Time sent_at{};
        Parcel parcel = {};
        Loss loss = Loss::nothing;
    };
    struct Replica {
        std::optional<Replicator> engine = {};
        std::uint64_t life = 0;
        Disk<L> disk = {};
        bool next_version = false;
        L pending = {};
        std::vector<std::size_t> unacknowledged = {};
        /// What the state must be.
        L expected = {};
        Time paused_until{};
        Clock clock = {};
        std::optional<Time> tick_at = {};
    };

    SimulationOptions world_;
    crdt::Random random_;
    /// For what changes nothing where all is right.
    crdt::Random probe_;
    Mutate mutate_;
    Trace trace_;
    Report report_;
    Time now_{second};
    std::uint64_t order_ = 0;
    std::map<std::pair<Time, std::uint64_t>, Action> queue_;
    std::vector<Replica> replicas_;
    std::vector<std::size_t> members_;
    Ledger<L> ledger_;
    Client<L> client_;
    Promises<L> promises_;
    LinkChecker<L, Replicator, Policy> links_;
    std::uint64_t side_ = 0;
    bool cut_ = false, one_way_ = false;
    std::optional<Time> healed_at_;
    std::uint64_t last_epoch_ = 0;

    void schedule(Time at, Action action) {
        queue_.emplace(std::pair((std::max)(at, now_), ++order_), std::move(action));
    }
    bool chance(unsigned percent) { return random_.below(100) < percent; }
    Duration update_gap() { return Duration{1} + random_below(random_, 2 * second / world_.rate); }

    void note(typename Event::Kind kind, std::size_t replica, std::string text = {}) {
        trace_.enter({now_, kind, replica, replica, now_, 0, std::move(text)});
    }
    void fail(std::size_t replica, const std::string& what) {
        if (!report_.ok()) return;
        report_.violation = what + " (n" + std::to_string(replica) + ")";
        note(Event::Kind::broken, replica, what);
    }

    /// How long the world may need to fall silent: what the options say, and, where limits are
    /// tiny, a round trip for each message that it takes to bring each replica up along a line.
    Duration patience() const {
        const Duration round_trip = 2 * (world_.faults.mean_delay + std::chrono::milliseconds{1});
        const auto messages = updates().size() / world_.options.message_limit + 1;
        return world_.patience + round_trip * (messages * replicas_.size());
    }

    // ---- clocks

    Time local(const Replica& replica) const { return replica.clock.local(now_); }

    void touch(std::size_t index) {
        Replica& replica = replicas_[index];
        if (!replica.engine) return;
        const auto deadline = replica.engine->next_deadline();
        if (!deadline) return;
        const Time at = (std::max)(replica.clock.global(now_, *deadline), replica.paused_until);
        if (replica.tick_at && *replica.tick_at <= at) return;
        replica.tick_at = at;
        schedule(at, {Action::tick, index, replica.life});
    }

    // ---- what happens

    void perform(Action& action) {
        Replica& replica = replicas_[action.replica];
        const bool alive = replica.engine && replica.life == action.life;
        switch (action.kind) {
            case Action::update: return update();
            case Action::faults: return draw_faults();
            case Action::heal: return heal();
            case Action::crash: return alive ? crash(action.replica, action.loss) : void();
            case Action::start: return restart(action.replica);
            case Action::deliver: return deliver(action);
            case Action::view: return alive ? view(action.replica) : void();
            case Action::commit: return alive ? commit(action.replica) : void();
            case Action::tick: return alive ? tick(action.replica) : void();
        }
    }

    void update() {
        if (healed_at_) return;
        schedule(now_ + update_gap(), {Action::update});
        const std::size_t index = members_[random_.below(members_.size())];
        Replica& replica = replicas_[index];
        if (!replica.engine || replica.paused_until > now_) return;
        const std::size_t writer = name(index);
        L delta = replica.engine->update([&](L& state) { return mutate_(state, writer, random_); });
        links_.note(index, *replica.engine, true);
        client_.note(replica.engine->state());
        ++report_.updates;
        note(Event::Kind::update, index);
        replica.expected.merge(delta);
        replica.pending.merge(delta);
        const std::size_t entry = ledger_.enter(index, std::move(delta), !Policy::persists_first);
        if (replica.disk.is_doubtful()) ledger_.distrust(entry);
        replica.unacknowledged.push_back(entry);
        read();
        schedule(now_ + std::chrono::milliseconds{random_.below(20)},
                 {Action::commit, index, replica.life});
        touch(index);
    }

    std::size_t name(std::size_t index) const {
        return index + 1000 * replicas_[index].disk.incarnation();
    }
    static void rename(Replica& replica) {
        if (Policy::renews_names) replica.disk.reincarnate();
    }

    /// A client turns to any replica.
    void read() {
        if (chance(5)) client_ = {};
        const std::size_t index = members_[random_.below(members_.size())];
        if (replicas_[index].engine && !client_.visit(replicas_[index].engine->state()))
            fail(index, "a session token errs");
    }

    /// Makes durable what is not yet; then it is acknowledged.
    void commit(std::size_t index) {
        Replica& replica = replicas_[index];
        replica.disk.write(std::exchange(replica.pending, L{}));
        for (const std::size_t update : std::exchange(replica.unacknowledged, {}))
            ledger_.commit(update);
    }

    void tick(std::size_t index) {
        Replica& replica = replicas_[index];
        if (!replica.tick_at || *replica.tick_at > now_) return;
        replica.tick_at.reset();
        if (replica.paused_until > now_) return touch(index);
        if (Policy::persists_first) commit(index);
        const auto all = replica.engine->on_tick(local(replica));
        links_.note(index, *replica.engine, false);
        for (const auto& outgoing : all) {
            check_outgoing(index, outgoing.to, outgoing.message);
            expect(index, links_.check_sent(index, *replica.engine, outgoing.to, outgoing.message));
            post(index, outgoing.to, outgoing.message);
        }
        for (const std::size_t other : members_) check_link(index, other);
        touch(index);
    }

    void post(std::size_t from, std::size_t to, const Message& message) {
        Parcel parcel = Wire<L>::write(message, replicas_[from].next_version);
        ++report_.messages;
        report_.bytes += parcel.frame.size();
        if (message.changes) report_.parts += part_count(message.changes->delta);
        trace_.enter({now_, Event::Kind::sent, from, to, now_, 0, {}});
        if (chance(world_.faults.loss)) return lose(from, to, now_);
        if (chance(world_.faults.damage)) Wire<L>::damage(parcel, random_);
        const int copies = chance(world_.faults.duplication) ? 2 : 1;
        for (int copy = 0; copy < copies; ++copy)
            schedule(now_ + Duration{1} + world_.faults.draw_delay(random_),
                     {Action::deliver, to, 0, from, now_, parcel});
        if (chance(world_.faults.replay))
            schedule(now_ + random_below(random_, 5 * second),
                     {Action::deliver, to, 0, from, now_, parcel});
    }
    void lose(std::size_t from, std::size_t to, Time sent_at) {
        trace_.enter({now_, Event::Kind::lost, to, from, sent_at, 0, {}});
    }

    bool connected(std::size_t from, std::size_t to) const {
        if (!cut_) return true;
        const auto side = [&](std::size_t index) { return (side_ >> (index % 64)) & 1U; };
        return side(from) == side(to) || (one_way_ && side(from) == 0);
    }

    void deliver(Action& action) {
        Replica& replica = replicas_[action.replica];
        if (!replica.engine || !connected(action.from, action.replica))
            return lose(action.from, action.replica, action.sent_at);
        // What a stopped process is sent waits in its pipe.
        if (replica.paused_until > now_) {
            const Time until = replica.paused_until;
            return schedule(until, std::move(action));
        }
        const auto message = Wire<L>::read(action.parcel.frame);
        if (bool(message) == action.parcel.is_bad)
            fail(action.replica,
                 message ? "takes a bad frame for good" : message.error().to_string());
        if (!message) {
            ++report_.refused;
            return trace_.enter({now_, Event::Kind::refused, action.replica, action.from,
                                 action.sent_at, 0, message.error().to_string()});
        }
        const L novel = receive(action.replica, action.from, *message);
        if constexpr (requires { novel.has_writes_of(std::size_t{}); }) {
            if (novel.has_writes_of(name(action.replica))) rename(replica);
        }
        replica.expected.merge(novel);
        replica.pending.merge(novel);
        if (!(replica.expected == replica.engine->state()))
            fail(action.replica, "a state that is not what it was and what arrived");
        trace_.enter({now_, Event::Kind::arrived, action.replica, action.from, action.sent_at,
                      crdt::detail::hash_of(replica.engine->state()), Wire<L>::describe(*message)});
        touch(action.replica);
    }

    L receive(std::size_t index, std::size_t from, const Message& message) {
        Replicator& engine = *replicas_[index].engine;
        const auto is_asked = [&] {
            const auto* link = engine.link(from);
            return link != nullptr && link->has_request();
        };
        if (probe_.below(8) == 0) lie(index, from, message);
        const bool was_asked = is_asked();
        const L novel = engine.on_message(from, message, local(replicas_[index]));
        links_.note(index, engine, !novel.is_bottom());
        links_.note_received(index, engine, from, novel);
        check_link(index, from);
        if (message.changes && message.changes->requests_answer() && message.changes->more_pieces &&
            !message.digest && !was_asked && is_asked())
            fail(index, "takes a piece of a state for all of it");
        return novel;
    }

    /// Somebody sends what no correct replica does.
    void lie(std::size_t index, std::size_t from, Message message) {
        Replicator& engine = *replicas_[index].engine;
        message.to_epoch = engine.epoch();
        switch (probe_.below(4)) {
            case 0: message.ack = engine.log().end() + 1 + probe_.below(3); break;
            case 1: message.ack = 0; break;
            case 2: message.from_epoch = replication::unknown_epoch; break;
            default: message.changes = {{}, 2 + probe_.below(3), 1};
        }
        const auto rejected = engine.metrics().rejected;
        engine.on_message(from, message, local(replicas_[index]));
        if (engine.metrics().rejected == rejected) fail(index, "accepts an impossible message");
    }

    // ---- lives

    void start(std::size_t index) {
        Replica& replica = replicas_[index];
        ++replica.life;
        replica.tick_at.reset();
        replication::Options options = world_.options;
        options.seed = random_.next();
        replica.engine.emplace(replication::Epoch{++last_epoch_}, options);
        replica.clock.drift = static_cast<unsigned>(random_.below(world_.faults.drift + 1));
        replica.next_version = chance(world_.faults.next_version);
        replica.expected = replica.disk.state();
        replica.pending = L{};
        replica.engine->merge_local(replica.disk.state());
        links_.note(index, *replica.engine, true);
        note(Event::Kind::started, index);
        view(index);
        replica.engine->start(local(replica));
        touch(index);
    }

    void restart(std::size_t index) {
        const bool member = std::find(members_.begin(), members_.end(), index) != members_.end();
        if (member && !replicas_[index].engine) start(index);
    }

    void view(std::size_t index) {
        std::vector<std::size_t> others = members_;
        std::erase(others, index);
        replicas_[index].engine->set_peers(others, neighbours(others, index, world_.overlay),
                                           local(replicas_[index]));
        touch(index);
    }
    /// Everyone hears of it, but not at once.
    void announce_members() {
        for (const std::size_t index : members_)
            schedule(now_ + random_below(random_, second),
                     {Action::view, index, replicas_[index].life});
    }

    void crash_soon(std::size_t index, Loss loss) {
        Action action{Action::crash, index, replicas_[index].life};
        action.loss = loss;
        schedule(now_ + random_below(random_, second), std::move(action));
    }

    void crash(std::size_t index, Loss loss) {
        if (healed_at_) return;
        Replica& replica = replicas_[index];
        ++report_.crashes;
        if (loss == Loss::unwritten) replica.disk.tear(replica.pending, random_);
        replica.disk.suffer(loss, replica.engine->state());
        if (loss == Loss::everything) rename(replica);
        note(Event::Kind::crashed, index, describe(loss));
        replica.engine.reset();
        promises_.forget(index);
        links_.forget(index);
        for (const std::size_t update : std::exchange(replica.unacknowledged, {})) {
            switch (loss) {
                case Loss::nothing: ledger_.keep(update); break;
                case Loss::unwritten: ledger_.tear(update, replica.disk.state()); break;
                default: ledger_.lose(update);
            }
        }
        mark_destroyed();
        schedule(now_ + random_below(random_, 2 * second), {Action::start, index});
    }

    void leave(std::size_t index) {
        if (members_.size() <= 2) return;
        std::erase(members_, index);
        replicas_[index].engine.reset();
        links_.forget(index);
        replicas_[index].disk.erase();
        ++replicas_[index].life;
        note(Event::Kind::left, index);
        mark_destroyed();
        announce_members();
    }
    void join() {
        if (replicas_.size() >= world_.most_replicas) return;
        replicas_.emplace_back();
        members_.push_back(replicas_.size() - 1);
        start(replicas_.size() - 1);
        announce_members();
    }

    void mark_destroyed() {
        ledger_.destroy_unless([&](const L& delta) {
            return std::any_of(replicas_.begin(), replicas_.end(), [&](const Replica& replica) {
                return delta.leq(replica.disk.state());
            });
        });
    }

    void draw_faults() {
        if (healed_at_) return;
        schedule(now_ + second, {Action::faults});
        const FaultOptions& faults = world_.faults;
        if (chance(faults.partition)) {
            cut_ = !cut_;
            side_ = random_.next();
            one_way_ = faults.one_way && random_.below(2) == 0;
            note(cut_ ? Event::Kind::cut : Event::Kind::healed, 0);
        }
        for (const std::size_t index : std::vector<std::size_t>(members_)) {
            Replica& replica = replicas_[index];
            if (chance(faults.pause)) {
                replica.paused_until = now_ + random_below(random_, 3 * second);
                note(Event::Kind::paused, index);
            }
            if (chance(faults.clock_jump))
                replica.clock.offset += random_below(random_, 10 * second);
            if (chance(faults.crash_kept)) crash_soon(index, Loss::nothing);
            if (chance(faults.crash_torn)) crash_soon(index, Loss::unwritten);
            if (chance(faults.crash_durable)) crash_soon(index, Loss::volatile_state);
            if (chance(faults.crash_lost)) crash_soon(index, Loss::everything);
            if (survives_twins && chance(faults.crash_old_copy)) crash_soon(index, Loss::latest);
            if (chance(30)) replica.disk.copy();
            if (chance(faults.leave) && random_.below(4) == 0) leave(index);
            touch(index);
        }
        if (chance(faults.join)) join();
        check_states();
    }

    void heal() {
        healed_at_ = now_;
        world_.faults = FaultOptions::none(world_.faults.mean_delay / 4 + Duration{1});
        cut_ = false;
        note(Event::Kind::healed, 0);
        for (const std::size_t index : members_) {
            replicas_[index].paused_until = now_;
            replicas_[index].next_version = false;
            if (!replicas_[index].engine) start(index);
            commit(index);
            touch(index);
        }
    }

    // ---- what must hold

    void check_outgoing(std::size_t from, std::size_t to, const Message& message) {
        const L& state = replicas_[from].engine->state();
        if (message.changes) {
            if (range_count(message.changes->delta) > 2 * world_.options.message_limit)
                fail(from, "message over its limit");
            if (!message.changes->delta.leq(state)) fail(from, "sends what it does not have");
        }
        promises_.note(from, to, message);
        if (!promises_.holds(from, to, message, state))
            fail(from, "acknowledges what it does not have");
    }

    void expect(std::size_t replica, const char* wrong) {
        if (wrong != nullptr) fail(replica, wrong);
    }

    void check_link(std::size_t index, std::size_t other) {
        if (index == other) return;
        const Replicator& engine = *replicas_[index].engine;
        const auto& peer = replicas_[other].engine;
        expect(index, links_.violation(index, engine, other, peer ? &*peer : nullptr));
        if (engine.log().cost() > world_.options.log_limit) fail(index, "log over its limit");
    }

    void check_states() {
        const Replicator* before = nullptr;
        for (const std::size_t index : members_) {
            const auto& engine = replicas_[index].engine;
            if (!engine) continue;
            if (!ledger_.explains(engine->state()))
                fail(index, "a state that is not made of updates");
            if (before != nullptr && before->state() == engine->state())
                check_alike(index, before->state());
            before = &*engine;
        }
    }
    void check_alike(std::size_t index, const L& other) {
        const L& state = replicas_[index].engine->state();
        if (crdt::detail::hash_of(state) != crdt::detail::hash_of(other))
            fail(index, "equal states with two hashes");
        if (binary::encode_value(state) != binary::encode_value(other))
            fail(index, "equal states with two forms");
    }

    void check_end() {
        check_states();
        report_.silent_after = now_ - *healed_at_;
        const L& final = state();
        if (const auto replica = ledger_.betrayed_by(final))
            fail(*replica, "an acknowledged update is lost");
        if (!final.leq(ledger_.written())) fail(members_.front(), "a state that nobody wrote");
        for (const std::size_t index : members_) {
            const Replicator& engine = *replicas_[index].engine;
            if (!(engine.state() == final)) fail(index, "silent, but not converged");
            if (engine.log().size() != 0) fail(index, "silent, but the log is not empty");
            for (const std::size_t other : members_)
                expect(index, links_.check_idle(engine, other));
        }
    }
};

/// Runs a drawn world of this seed.
template <class L, class Policy = sim::Policy, class Mutate>
Report simulate(std::uint64_t seed, Mutate mutate) {
    return Simulator<L, Mutate, Policy>(SimulationOptions::draw(seed), seed, std::move(mutate))
        .run();
}

/// The space-time diagram of the same run: in text, or as a picture.
template <class L, class Policy = sim::Policy, class Mutate>
std::string diagram(std::uint64_t seed, Mutate mutate, bool svg = false) {
    Simulator<L, Mutate, Policy> simulator(SimulationOptions::draw(seed), seed, std::move(mutate),
                                           true);
    simulator.run();
    return svg ? simulator.trace().svg(simulator.replica_count())
               : simulator.trace().text(simulator.replica_count());
}

}  // namespace crdt::sim
