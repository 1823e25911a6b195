// SPDX-License-Identifier: MIT
//! Replicator: keeps one lattice in step with its peers. It does no I/O and knows no clock.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <crdt/detail/failure.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/accept.hpp>
#include <crdt/replication/delta_log.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/metrics.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/replication/outbound.hpp>
#include <crdt/replication/peer.hpp>
#include <crdt/replication/policy.hpp>
#include <crdt/replication/question.hpp>
#include <crdt/replication/sketch.hpp>
#include <crdt/replication/split.hpp>

namespace crdt::replication {

/// A replica's end of delta-interval anti-entropy.
///
/// Each local change, and each new part of a received change (RR), is appended to a log. Each
/// neighbour receives the log from its position on, without the changes that it sent itself (BP,
/// and no echo). A replica without a gap-free view of a neighbour's log sends its digest. This
/// happens at the first contact, after a restart, and when the log was truncated. The neighbour
/// answers with the exact difference, in fragments if it is large. A replica that lacks a position
/// of a neighbour requests the neighbour's digest. Every message names the epochs of both ends, so
/// an ack never counts for another epoch. When all is acknowledged, nothing is sent.
///
/// An answer to a digest has positions of its own. The neighbour counts as caught up only when it
/// has acknowledged the first, so no earlier ack can be mistaken for that one.
///
/// Neighbours (of an overlay, see overlay.hpp) receive the pending deltas. The other members serve
/// for repair: while a neighbour sends nothing, the replica resynchronises with a random other
/// member now and then. So no part of the overlay is cut off while there is another path.
///
/// Accept (see accept.hpp) may refuse a change of a peer. Then it examines each range of the
/// change: refused ranges are left out, the rest is joined and passed on. An ack covers what was
/// examined, so later changes follow as usual; it does not mean that a refused range was joined.
/// The digest that is sent to the neighbour after one retry limit lacks the refused ranges, so they
/// are sent and examined again; then after two, four, and up to 64 retry limits. Until they are
/// accepted, both replicas exchange three messages in each such interval and is_answered() is
/// false. update(), merge_local() and begin_generation() do not call Accept.
///
/// Use     feed it with update(), on_message() and, at next_deadline(), on_tick(); deliver what
///         on_tick() returns. Delivery may lose, repeat, delay and reorder messages.
/// Cost    on_message: that of absorb, and of joining what an ack lets the log join; on_tick: that
///         of joining the pending deltas
/// Source  Almeida, Shoker, Baquero: Delta state replicated data types (JPDC 2018), algorithm 2;
///         Enes, Almeida, Baquero, Leitão: Efficient synchronization of state-based CRDTs (ICDE
///         2019), BP and RR
template <DecomposableLattice L, Key PeerId = std::string, class Policy = replication::Policy,
          AcceptPredicate<L, PeerId> Accept = AcceptAll>
class Replicator {
    using Log = DeltaLog<L, PeerId, Policy>;
    using Peer = replication::Peer<L, PeerId, Policy>;
    using Questions = replication::Questions<L, Policy>;

  public:
    /// A message and its receiver.
    struct Outgoing {
        /// The receiver.
        PeerId to;
        /// The message.
        Message<L> message;
    };

    /// Why a part of a change was not joined.
    struct Refusal {
        /// The member that sent it.
        PeerId from;
        /// What Accept returned.
        std::string reason;
    };

    /// Starts with a bottom state and no peers, and sends nothing before start(). `epoch` is a
    /// number that no earlier run of this replica used: random, or counted on disk. Throws
    /// std::invalid_argument if it is 0.
    explicit Replicator(Epoch epoch, const Options& options = {}, Accept accept = Accept())
        : epoch_(epoch),
          options_(options),
          random_(options.seed ^ static_cast<std::uint64_t>(epoch)),
          log_(options.message_limit),
          accept_(std::move(accept)) {
        if (epoch == unknown_epoch)
            crdt::detail::throw_or_abort<std::invalid_argument>(
                "Replicator: expected an epoch that was never used, found 0");
        set_interval(options.interval);
    }

    /// The state. Invalidated by every change.
    const L& state() const { return state_; }
    /// The counters since construction.
    const Metrics& metrics() const { return metrics_; }
    /// The deltas that some peer may still lack.
    const Log& log() const { return log_; }
    /// All that is kept for a member, for inspection; null if it is not a member.
    const Peer* peer(const PeerId& id) const {
        const auto found = peers_.find(id);
        return found == peers_.end() ? nullptr : &found->second;
    }
    /// The epoch of this run.
    Epoch epoch() const { return epoch_; }
    /// Where the last refused part came from and why it was refused; none if none was.
    const std::optional<Refusal>& last_refusal() const { return last_refusal_; }
    /// How often slots were pruned.
    Generation generation() const { return generation_; }

    /// Runs a delta-mutator of the state, appends its delta to the log and returns it. Throws what
    /// `mutate` throws, and is then unchanged. If there is no memory for the log, the peers are
    /// resynchronised.
    template <class Mutate>
    L update(Mutate&& mutate) {
        L delta = mutate(state_);
        if (!crdt::detail::attempt([&] { remember(delta, std::nullopt); })) fall_back();
        return delta;
    }

    /// Joins a change that does not come from a peer, such as one from a store. Returns what was
    /// new.
    L merge_local(const L& delta) {
        crdt::detail::OnFailure falling_back([this]() noexcept { fall_back(); });
        L novel = state_.absorb(delta);
        remember(novel, std::nullopt);
        falling_back.dismiss();
        return novel;
    }

    /// Sets the members, without this replica. All are neighbours.
    void set_peers(const std::vector<PeerId>& members, Time now) {
        set_peers(members, members, now);
    }
    /// Sets the members, without this replica, and the neighbours among them. The relation must be
    /// mutual. Members that stay keep their positions; for departed members nothing is kept.
    /// Duplicates, and neighbours that are not members, are ignored.
    void set_peers(const std::vector<PeerId>& members, const std::vector<PeerId>& neighbours,
                   Time now) {
        const std::set<PeerId> present(members.begin(), members.end());
        const std::set<PeerId> linked(neighbours.begin(), neighbours.end());
        for (const PeerId& id : present) peers_.try_emplace(id);
        std::erase_if(peers_, [&](const auto& entry) { return !present.contains(entry.first); });
        for (auto& [id, peer] : peers_) {
            if (linked.contains(id) != peer.linked) peer.renew(!peer.linked, peer.epoch);
        }
        schedule_questions(now);
        compact_log();
    }

    /// Begins to send, to each neighbour at a moment of its own.
    void start(Time now) {
        running_ = true;
        for (auto& [id, peer] : peers_) peer.ask_at.reset();
        schedule_questions(now);
    }
    /// Sends nothing from now on, and keeps nothing for the peers: they are resynchronised by
    /// digest after the next start(). What arrives is still joined.
    void stop() {
        running_ = false;
        for (auto& [id, peer] : peers_) peer.outbound.reset();
        compact_log();
    }
    /// Between start() and stop()?
    bool running() const { return running_; }

    /// The least time between two messages to one peer.
    Duration interval() const { return options_.interval; }
    /// Sets it, to at least one millisecond.
    void set_interval(Duration interval) {
        options_.interval = (std::max<Duration>)(interval, std::chrono::milliseconds{1});
    }
    /// Sets the interval, with acks and retries that suit it.
    void set_pace(Duration interval, Duration ack_delay, Duration retry_limit) {
        set_interval(interval);
        options_.ack_delay = ack_delay;
        options_.retry_limit = retry_limit;
    }
    /// Sends the pending deltas earlier, once: as soon as `pause` after the previous message. For a
    /// caller that waits for acks.
    void expedite(Duration pause) {
        for (auto& [id, peer] : peers_)
            if (peer.outbound) peer.outbound->expedite(pause);
    }

    /// Processes a received message. Returns what was new: a durable replica must store it. If
    /// memory runs out, throws std::bad_alloc. Then the state may have grown, a durable replica
    /// must store it whole before it sends more, and the peers are resynchronised.
    L on_message(const PeerId& from, const Message<L>& message, Time now) {
        crdt::detail::OnFailure falling_back([this]() noexcept { fall_back(); });
        L novel = take_message(from, message, now);
        falling_back.dismiss();
        return novel;
    }

  private:
    L take_message(const PeerId& from, const Message<L>& message, Time now) {
        const auto found = peers_.find(from);
        if (found == peers_.end() || !is_possible(message)) {
            ++metrics_.rejected;
            return {};
        }
        ++metrics_.messages_received;
        if (message.generation != generation_) {
            ++metrics_.other_generations;
            return {};
        }
        Peer& peer = found->second;
        if (message.from_epoch != peer.epoch &&
            (Policy::checks_epochs || peer.epoch == unknown_epoch))
            begin_epoch(peer, message.from_epoch, now);

        const bool about_me = message.to_epoch == epoch_ || !Policy::checks_epochs;
        if (!about_me && message.to_epoch != unknown_epoch) {
            ++metrics_.foreign_epochs;
            // Anything that this life says corrects the peer's belief.
            peer.ack_at = now;
        }
        L novel;
        if (message.changes) novel = take(from, peer, message, about_me, now);
        if (message.ack && about_me && peer.outbound) acknowledge(peer, *message.ack, now);
        if (message.fingerprint) compare(*message.fingerprint);
        if (message.digest) peer.take_question({message.digest, {}}, now);
        if (message.sketch && !message.whole) peer.take_question({{}, message.sketch}, now);
        if (message.changes && message.whole)
            peer.hear_whole(message, now);
        else if (message.changes && message.changes->first == 0)
            peer.offer.reset();  // what it began to say is not gone on with
        if (message.wants_digest)
            take_wish(peer, message.more, now);
        else if (message.more && !message.changes)
            wait_for(peer, now);
        return novel;
    }

  public:
    /// Continues with a state that does not follow from the one before, under a new epoch. Messages
    /// of peers count again when the peers are of this generation, too.
    void begin_generation(Generation generation, L state, Time now) {
        generation_ = generation;
        state_ = std::move(state);
        epoch_ = Epoch{hash_combine(static_cast<std::uint64_t>(epoch_), generation) | 1U};
        log_ = Log(options_.message_limit);
        for (auto& [id, peer] : peers_) peer.renew(peer.linked, peer.epoch);
        schedule_questions(now);
    }

    /// All messages that are due. If memory runs out, throws std::bad_alloc; the peers are
    /// resynchronised.
    std::vector<Outgoing> on_tick(Time now) {
        std::vector<Outgoing> outgoing;
        if (!running_) return outgoing;
        crdt::detail::OnFailure falling_back([this]() noexcept { fall_back(); });
        if (const auto due = repair_deadline(); due && *due <= now) repair(now);
        bool acted = false;
        for (auto& [id, peer] : peers_) {
            const std::optional<Time> due = deadline(peer);
            if (!due || *due > now) continue;
            acted = true;
            // A message without more than its epochs corrects a peer's belief in another life.
            const bool needed = peer.ack_at.has_value();
            Message<L> message = compose(id, peer, now);
            if (needed || says_anything(message)) outgoing.push_back({id, std::move(message)});
        }
        metrics_.messages_sent += outgoing.size();
        if (acted) {
            compact_log();
            if constexpr (Policy::bounds_log) truncate_log(now);
        }
        falling_back.dismiss();
        return outgoing;
    }

    /// Is a peer about to send much that this replica lacks, or in the middle of that?
    bool is_catching_up(Time now) const { return now < hold_until_; }

    /// Has a neighbour answered this epoch in full? Then this state contains all that the neighbour
    /// had when it answered.
    bool is_answered() const {
        return std::any_of(peers_.begin(), peers_.end(), [](const auto& entry) {
            const Peer& peer = entry.second;
            return peer.linked && peer.received && !peer.sends_pieces && peer.refusals == 0;
        });
    }

    /// When on_tick() has something to do next; none if all is sent and acknowledged.
    std::optional<Time> next_deadline() const {
        if (!running_) return std::nullopt;
        std::optional<Time> next = repair_deadline();
        for (const auto& [id, peer] : peers_) next = earlier(next, deadline(peer));
        return next;
    }

  private:
    /// In which the first to be asked should have answered.
    static constexpr Duration head_start = std::chrono::milliseconds{400};
    /// A neighbour whose changes leave this many gaps in a row is asked by digest.
    static constexpr unsigned most_gaps = 3;
    /// Refused changes are requested again after this many doublings of the retry limit at most.
    static constexpr unsigned most_doublings = 6;
    /// Who has a heavy state to read a question of is given this many retry limits for the answer,
    /// and who says that it takes long, or is busy with one, that many.
    static constexpr int heavy_patience = 4, slow_patience = 20;

    L state_;
    Epoch epoch_;
    Generation generation_ = 0;
    Options options_;
    Random random_;
    Log log_;
    std::map<PeerId, Peer> peers_;
    Metrics metrics_;
    [[no_unique_address]] Accept accept_;
    std::optional<Refusal> last_refusal_;
    bool running_ = false;
    /// While pieces of one answer arrive, nobody else is asked.
    Time hold_until_{};
    Time repaired_at_{};

    /// How far each peer has come is not known any more, as memory ran out in the middle of a
    /// change: each is asked, and answered, by digest.
    void fall_back() noexcept {
        log_.clear();
        for (auto& [id, peer] : peers_) {
            peer.outbound.reset();
            if (peer.linked) peer.lose_track(Time{});
        }
    }

    static std::optional<Time> earlier(std::optional<Time> a, std::optional<Time> b) {
        return !a || (b && *b < *a) ? b : a;
    }

    /// (interval + 2 ack delays) · 1.5^tries, at most the retry limit, less up to a quarter of
    /// jitter: acks have time to come even where they wait for something to ride on.
    Duration retry_delay(unsigned tries) {
        Duration delay = options_.interval + 2 * options_.ack_delay;
        for (; tries > 0 && delay < options_.retry_limit; --tries) delay += delay / 2;
        delay = (std::min)(delay, options_.retry_limit);
        return delay - random_below(random_, delay / 4 + Duration{1});
    }

    /// Those neighbours that must be asked and have no time for it get one: a random one soon, if
    /// none is being asked already, the others when that one should have answered, so that they are
    /// asked for the little that it lacked.
    void schedule_questions(Time now) {
        std::vector<Peer*> unasked;
        bool asking = false;
        for (auto& [id, peer] : peers_) {
            if (peer.needs_introduction() && !peer.ask_at) unasked.push_back(&peer);
            asking |= peer.is_being_asked();
        }
        if (unasked.empty()) return;
        std::swap(unasked.front(), unasked[random_.below(unasked.size())]);
        Time from = asking ? now + head_start : now;
        for (Peer* peer : unasked) {
            peer->ask_at = from + random_below(random_, head_start / 2);
            from = now + head_start;
        }
    }

    /// Could any correct replica have sent this?
    bool is_possible(const Message<L>& message) const {
        if (message.from_epoch == unknown_epoch) return false;
        if (message.changes && message.changes->first > message.changes->last) return false;
        if (message.sketch && !Questions::asks_by_sketch) return false;
        if (!message.ack) return true;
        return *message.ack != 0 && (message.to_epoch != epoch_ || *message.ack <= log_.end());
    }

    void begin_epoch(Peer& peer, Epoch epoch, Time now) {
        if (peer.epoch != unknown_epoch) {
            ++metrics_.epoch_changes;
            peer.renew(peer.linked, epoch);
            // It asks by itself, one neighbour first; but this may not have reached it.
            peer.ask_at = now + head_start;
        }
        peer.epoch = epoch;
    }

    L take(const PeerId& from, Peer& peer, const Message<L>& message, bool about_me, Time now) {
        const Interval<L>& changes = *message.changes;
        if (crdt::detail::in_conflict(state_, changes.delta)) {
            ++metrics_.conflicts;
            return {};
        }
        const std::uint64_t refused = metrics_.refused;
        std::optional<L> accepted;
        L novel = absorb_accepted(from, changes.delta, accepted);
        if (metrics_.refused != refused) postpone_refused(peer, now);
        const L& joined = accepted ? *accepted : changes.delta;
        remember(Policy::removes_redundancy || novel.is_bottom() ? novel : joined, from);
        if (peer.outbound) peer.outbound->heard(changes.delta, log_);
        if (!novel.is_bottom() && (changes.first == 0 || peer.sends_pieces)) hasten_others(peer);
        if (novel.is_bottom() && !joined.is_bottom()) ++metrics_.redundant_received;
        count_parts(metrics_.parts_received, changes.delta);
        count_parts(metrics_.new_parts_received, novel);
        // A whole state is what it is for any life of this replica.
        if ((about_me || message.whole) && peer.linked && changes.last != 0)
            follow(peer, message, now);
        return novel;
    }

    /// Joins what is accepted of `delta` and returns what was new. `accepted` is set if that is not
    /// known to be all of it.
    L absorb_accepted([[maybe_unused]] const PeerId& from, const L& delta,
                      [[maybe_unused]] std::optional<L>& accepted) {
        if constexpr (!std::same_as<Accept, AcceptAll>) {
            if (!delta.is_bottom() && refuses(delta, from)) {
                L novel;
                accepted.emplace();
                decompose_by_ranges(delta, [&](const L& range) {
                    if (!range.leq(state_)) {
                        if (auto reason = refuses(range, from)) {
                            ++metrics_.refused;
                            last_refusal_ = Refusal{from, std::move(*reason)};
                            return;
                        }
                        novel.merge(state_.absorb(range));
                    }
                    accepted->merge(range);
                });
                return novel;
            }
        }
        return state_.absorb(delta);
    }
    std::optional<std::string> refuses(const L& change, const PeerId& from) {
        return accept_(std::as_const(state_), change, from);
    }

    /// What a neighbour has sent and was refused is missing from the digest: it is requested again,
    /// after a retry limit, then after twice as long, and so on.
    void postpone_refused(Peer& peer, Time now) {
        if (!peer.linked || peer.resync_at) return;
        peer.resync_at =
            now + options_.retry_limit * (1U << (std::min)(peer.refusals, most_doublings));
        ++peer.refusals;
    }
    void resync_if_due(Peer& peer, Time now) {
        if (!peer.resync_at || *peer.resync_at > now) return;
        if (peer.sends_pieces) {
            peer.resync_at = now + options_.retry_limit;
            return;
        }
        peer.resync_at.reset();
        peer.lose_track(now);
    }

    /// What brings this replica up is passed on at once, lest others ask for it, too.
    void hasten_others(const Peer& source) {
        for (auto& [id, peer] : peers_) {
            if (&peer != &source && peer.outbound) peer.outbound->expedite(Duration::zero());
        }
    }

    /// Notes how far the changes have brought this replica in the peer's log.
    void follow(Peer& peer, const Message<L>& message, Time now) {
        const Interval<L>& changes = *message.changes;
        const bool opening = changes.first == 0;
        if (Policy::checks_gaps && !opening &&
            !(peer.received && changes.first <= *peer.received)) {
            ++metrics_.gaps;
            // One that was overtaken is sent again; one that the peer does not have is not.
            if (!peer.received || ++peer.gaps == most_gaps) peer.lose_track(now);
            return;
        }
        peer.received = (std::max)(peer.received.value_or(0), changes.last);
        peer.asked = peer.gaps = 0;
        if (message.more || peer.sends_pieces)
            hold_until_ = message.more ? now + patience(peer) : Time{};
        peer.sends_pieces = message.more;
        peer.is_slow &= message.more;
        const bool awaited = opening || message.more;
        peer.ack_at = earlier(peer.ack_at, awaited ? now : now + options_.ack_delay);
        peer.fingerprint_due |= opening;
        if (!message.more && !peer.resync_at) peer.refusals = 0;
    }

    /// How long the next piece may take.
    Duration patience(const Peer& peer) const {
        return peer.is_slow ? slow_patience * options_.retry_limit : options_.retry_limit;
    }
    /// It has much to say, and is about to.
    void wait_for(Peer& peer, Time now) {
        peer.sends_pieces = peer.is_slow = true;
        hold_until_ = now + patience(peer);
    }

    /// The peer asks to be asked. If it is `patient`, and is asked these days anyway, that must do.
    static void take_wish(Peer& peer, bool patient, Time now) {
        peer.wants_digest = true;
        if (!patient || !peer.is_being_asked()) peer.lose_track(now);
    }

    void acknowledge(Peer& peer, Sequence ack, Time now) {
        const bool awaited = peer.outbound->in_flight();
        const Time sent_at = peer.outbound->sent_at();
        if (!peer.outbound->acknowledge(ack, log_)) return;
        peer.dropped = 0;
        if (awaited && now > sent_at)
            metrics_.longest_ack_lag = (std::max)(metrics_.longest_ack_lag, now - sent_at);
        compact_log();
    }

    void remember(const L& delta, const std::optional<PeerId>& origin) {
        if (delta.is_bottom()) return;
        // A peer whose standing is not known will be brought up by digest: it needs no log.
        const bool needed = std::any_of(peers_.begin(), peers_.end(), [](const auto& entry) {
            return entry.second.outbound.has_value();
        });
        if (needed) log_.append(delta, origin);
    }

    void compact_log() {
        std::vector<typename Log::Standing> standings;
        for (const auto& [id, peer] : peers_) {
            if (!peer.outbound) continue;
            for (auto& standing : peer.outbound->standings())
                standings.push_back(std::move(standing));
        }
        log_.compact(standings);
    }

    std::optional<Time> deadline(const Peer& peer) const {
        std::optional<Time> next;
        if (peer.outbound) next = peer.outbound->deadline(log_, options_.interval);
        if (peer.ack_at) next = earlier(next, peer.ack_at);
        if (peer.resync_at) next = earlier(next, peer.resync_at);
        if (const auto due = peer.question_deadline(hold_until_)) next = earlier(next, due);
        if (peer.question) next = earlier(next, peer.answer_at);
        return next;
    }

    /// A message with all that there is to say to the peer.
    Message<L> compose(const PeerId& id, Peer& peer, Time now) {
        Message<L> message;
        message.from_epoch = epoch_;
        message.to_epoch = peer.epoch;
        message.generation = generation_;
        if (peer.ack_at && peer.received) message.ack = peer.received;
        peer.ack_at.reset();
        if (message.ack && !peer.sends_pieces) add_fingerprint(peer, message);
        resync_if_due(peer, now);
        if (peer.question && !peer.is_told_to_wait && is_heavy()) {
            peer.is_told_to_wait = message.more = true;
            return message;
        }
        if (peer.question) {
            answer(id, peer, message, now);
        } else if (peer.outbound) {
            news(*peer.outbound, message, now);
        }
        introduce(id, peer, message, now);
        label(peer, message);
        count(message);
        return message;
    }

    /// Not of a heavy state: it takes as long as a question.
    void add_fingerprint(Peer& peer, Message<L>& message) {
        if constexpr (Questions::has_fingerprint) {
            if (std::exchange(peer.fingerprint_due, false) && !is_heavy())
                message.fingerprint = Questions::fingerprint(state_, random_.next());
        }
    }
    void compare(const Fingerprint& theirs) {
        if constexpr (Questions::has_fingerprint) {
            const Fingerprint own = Questions::fingerprint(state_, theirs.key);
            metrics_.divergences += own.digest == theirs.digest && own.state != theirs.state;
        }
    }

    static bool says_anything(const Message<L>& message) {
        return message.ack || message.changes || message.digest || message.sketch ||
               message.wants_digest || message.more;
    }

    static void count_parts(std::uint64_t& total, const L& delta) {
        const std::uint64_t parts = part_count(delta);
        total += (std::min)(parts, (std::numeric_limits<std::uint64_t>::max)() - total);
    }
    void count(const Message<L>& message) {
        metrics_.acks_sent += message.ack.has_value();
        metrics_.digests_sent += message.digest.has_value();
        metrics_.sketches_sent += message.sketch.has_value();
        if (!message.changes) return;
        ++metrics_.changes_sent;
        count_parts(metrics_.parts_sent, message.changes->delta);
        metrics_.cost_sent += Policy::cost(message.changes->delta);
        metrics_.states_sent += message.whole;
    }

    /// Everything that the peer's digest lacks. A digest may be old, and an answer may be lost: a
    /// standing that is known stays, and a new one counts only when it is acknowledged.
    void answer(const PeerId& id, Peer& peer, Message<L>& message, Time now) {
        ++metrics_.answers_sent;
        auto& outbound = peer.outbound;
        if (outbound && !outbound->confirmed()) {
            message.changes = outbound->opening();
        } else {
            const bool is_exact = peer.question->digest.has_value();
            auto pieces =
                split<Policy>(Questions::answer(state_, *peer.question), options_.message_limit);
            if (!peer.linked) {
                message.changes = {std::move(pieces.front()), 0, 0};
            } else if (is_exact && outbound && !outbound->has_pieces() && pieces.size() == 1) {
                log_.seal();
                message.changes = {std::move(pieces.front()), 0, log_.end()};
            } else {
                bring_up(id, peer, is_exact ? Scope::lacking : Scope::differing, std::move(pieces),
                         now);
                peer.ask_at = now + question_delay(peer, is_heavy());
                message.changes = outbound->opening();
            }
        }
        message.more = outbound && outbound->has_more();
        peer.question.reset();
        peer.is_told_to_wait = false;
    }
    void bring_up(const PeerId& id, Peer& peer, Scope scope, std::vector<L> pieces, Time now) {
        const std::size_t count = pieces.size();
        peer.brought_up_at = now;
        peer.outbound.emplace(id, scope, std::move(pieces), log_.reserve(count));
    }

    /// Says what the pieces are, if they are more than what the peer lacks.
    void label(const Peer& peer, Message<L>& message) const {
        if (!message.changes || peer.scope() == Scope::lacking) return;
        message.whole = true;
        if (peer.scope() == Scope::differing && message.changes->first == 0)
            Questions::put_sketch(state_, peer.sketch_kind, message);
    }

    void news(Outbound<L, PeerId, Policy>& outbound, Message<L>& message, Time now) {
        const std::optional<Time> due = outbound.deadline(log_, options_.interval);
        if (!(due && *due <= now) && !outbound.has_fresh(log_)) return;
        const bool again = outbound.is_overdue(now);
        message.changes =
            outbound.next(log_, now, retry_delay(outbound.overdue() + (again ? 1 : 0)));
        metrics_.retransmissions += again && message.changes;
        message.more = message.changes && outbound.has_more();
    }

    /// Asks for what is not known of the peer.
    void introduce(const PeerId& id, Peer& peer, Message<L>& message, Time now) {
        if (!peer.linked) return ask_once(peer, message, now);
        const auto due = peer.question_deadline(hold_until_);
        // The first question rides on anything; later ones wait for the answer.
        if (!due || (*due > now && (peer.asked > 0 || peer.received))) return;
        // Changes on their way are acknowledged, or found to leave a gap: either tells.
        const bool unknown = !message.changes && !peer.is_up();
        const bool heavy = is_heavy();
        peer.ask_at = now + question_delay(peer, heavy);
        ++peer.asked;
        // A digest can be large: who does not answer is asked for its own first. If it is large,
        // all are: one that has just begun has a small one, and decides who is to answer it.
        const bool too_large = unknown && !peer.wants_digest && heavy;
        const bool probe = unknown && (peer.asked > Peer::silent_after || too_large);
        if (probe) peer.drop_if_stale(2 * options_.retry_limit, now);
        // Whoever is told all that there is, answers with what that lacks.
        if (message.changes && peer.scope() != Scope::lacking) return;
        if (unknown && !probe && can_offer_state(peer)) return offer_state(id, peer, message, now);
        message.wants_digest = unknown;
        message.more |= too_large;
        if (peer.received || probe) return;
        Questions::put(state_, options_, random_.next(), message);
        peer.wants_digest = false;
        // Heavy ones are compared one after the other; who does not answer at once keeps nobody.
        if (peer.asked == 1 && heavy)
            hold_until_ = (std::max)(hold_until_, now + heavy_patience * options_.retry_limit);
    }
    bool is_heavy() const { return Questions::is_heavy(state_); }
    /// How long the peer is not asked again.
    Duration question_delay(const Peer& peer, bool heavy) {
        if (!heavy) return retry_delay(peer.asked);
        const bool is_busy = peer.outbound && !peer.is_up();
        return (is_busy ? slow_patience : heavy_patience) * options_.retry_limit;
    }

    /// Is the state all that there is to say to a peer that has yet to be met? Where the digest is
    /// no smaller, it is: the peer then has it, and answers with what it lacks.
    bool can_offer_state(const Peer& peer) const {
        if (peer.outbound) return peer.scope() != Scope::lacking;
        return Questions::digest_says_all && Questions::is_small(state_);
    }
    void offer_state(const PeerId& id, Peer& peer, Message<L>& message, Time now) {
        if (!peer.outbound)
            bring_up(id, peer, Scope::all, split<Policy>(state_, options_.message_limit), now);
        message.changes = peer.outbound->opening();
        message.more = peer.outbound->has_more();
    }

    /// Asks a member that is no neighbour; if that was this replica's idea, for its digest too.
    void ask_once(Peer& peer, Message<L>& message, Time now) {
        if (!peer.ask_at || *peer.ask_at > now) return;
        Questions::put(state_, options_, random_.next(), message);
        message.wants_digest = std::exchange(peer.asked, 0) != 0;
        peer.ask_at.reset();
    }

    /// When a member that is no neighbour is turned to; none if all neighbours are heard.
    std::optional<Time> repair_deadline() const {
        bool silent = false, others = false;
        for (const auto& [id, peer] : peers_) {
            silent |= peer.is_silent();
            others |= !peer.linked;
        }
        if (!silent || !others) return std::nullopt;
        return repaired_at_ + options_.retry_limit;
    }

    void repair(Time now) {
        std::vector<Peer*> others;
        for (auto& [id, peer] : peers_) {
            if (!peer.linked) others.push_back(&peer);
        }
        Peer& chosen = *others[random_.below(others.size())];
        chosen.ask_at = now;
        chosen.asked = 1;
        repaired_at_ = now + random_below(random_, options_.retry_limit);
        ++metrics_.repairs;
    }

    /// Keeps the log within its limit. Who is left behind is brought up by digest.
    void truncate_log(Time now) {
        if (!log_.truncate(options_.log_limit)) return;
        ++metrics_.truncations;
        for (auto& [id, peer] : peers_) {
            if (!peer.outbound || peer.outbound->position() >= log_.begin()) continue;
            peer.outbound.reset();
            peer.ask_at.reset();
            peer.asked = 0;
        }
        schedule_questions(now);
    }
};

}  // namespace crdt::replication
