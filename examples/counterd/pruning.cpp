// SPDX-License-Identifier: MIT
#include "pruning.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include <crdt/codec/binary.hpp>
#include <crdt/nats/fragments.hpp>
#include <crdt/nats/membership.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/system/decimal.hpp>
#include <crdt/system/fresh.hpp>

#include "free_memory.hpp"
#include "request.hpp"

namespace counterd {

namespace {

constexpr const char* channel = "prune";
/// How often the writers of the state are examined. They are also examined when a departure is due.
constexpr Duration examine_interval = std::chrono::milliseconds{60'000};
/// tick() looks for changes of the members at most this often.
constexpr Duration active_interval = std::chrono::milliseconds{50};

}  // namespace

Pruning::Pruning(crdt::nats::Connection& connection, crdt::nats::Mailbox& mailbox, Gossip& gossip,
                 CounterStore& store, Duration forget_after, crdt::nats::Connection::Log log)
    : gossip_(&gossip),
      store_(&store),
      log_(std::move(log)),
      node_(gossip, store, forget_after, log_),
      departures_(forget_after),
      frames_(connection, gossip.self(), log_, metrics_, channel),
      pruner_(node_, gossip.self().node(), successor, crdt::system::fresh_number()),
      subscription_(connection, mailbox, gossip.self().from_peers(channel),
                    [this](const auto& message) { on_peer_message(message); }) {
    pruner_.resume(gossip.state().pruned());
    // To settle a request, a node changes slots of other replicas. This is forbidden while slots
    // are collected for a pruning.
    store.forbid_to_settle([this] { return is_collecting(); });
    gossip.on_incarnation([this](const std::string& node, ReplicaId incarnation) {
        departures_.enter(node, incarnation);
    });
    gossip.on_generation([this](const std::string& from, crdt::replication::Generation theirs) {
        pruner_.on_generation(from, theirs, monotonic_now());
    });
}

template <class Step>
void Pruning::run(Step&& step) {
    const auto before = gossip_->generation();
    try {
        for (const auto& outgoing : step())
            frames_.send(outgoing.to, crdt::binary::encode_value(outgoing.message));
    } catch (const std::overflow_error& error) {
        if (unfit_++ == 0) log_(crdt::system::LogLevel::error, error.what());
    }
    if (gossip_->generation() == before) return;
    examine_at_ = {};
    return_free_memory();  // of the state before the pruning
}

void Pruning::on_peer_message(const crdt::nats::NatsMessage& message) {
    const std::string from(crdt::nats::last_token(message.subject()));
    if (!gossip_->members().all().contains(from)) return void(++metrics_.unknown_senders);
    const auto bytes = frames_.receive(from, message.data());
    if (!bytes) return;
    const auto received = crdt::nats::decode_frame<Message>(*bytes, gossip_->self().cluster_id());
    if (!received)
        return crdt::nats::drop_malformed(message, received.error().to_string(), metrics_, log_);
    const Time now = monotonic_now();
    set_active();
    if (received->kind == crdt::replication::PruningKind::propose) agree(received->writers, now);
    run([&] { return pruner_.on_message(from, *received, now); });
}

void Pruning::agree(const std::vector<ReplicaId>& writers, Time now) {
    const auto& members = gossip_->members().all();
    for (const ReplicaId id : writers) {
        // The proposer considers this incarnation departed. Remove its node from the members, but
        // only if this node also considers it down.
        const auto member = std::find_if(members.begin(), members.end(), [&](const auto& each) {
            return each.second.incarnation == id && each.second.is_down(now);
        });
        if (member != members.end()) gossip_->remove_member(std::string(member->first));
    }
    set_active();
    std::vector<ReplicaId> retired = pruner_.retired();
    for (const ReplicaId id : writers) {
        if (departures_.is_active(id)) return;
        departures_.dismiss(id);
        retired.push_back(id);
    }
    std::sort(retired.begin(), retired.end());
    retired.erase(std::unique(retired.begin(), retired.end()), retired.end());
    pruner_.retire(std::move(retired), now);
}

void Pruning::set_active() {
    const std::set<ReplicaId> own{gossip_->incarnation(), gossip_->lasting_incarnation()};
    for (const ReplicaId id : store_->own_incarnations())
        if (!own.contains(id)) departures_.supersede(id);
    if (departures_.set_active(gossip_->members().all(), own)) examine_at_ = {};
    std::vector<std::string> members = gossip_->members().names();
    if (members == members_) return;
    members_ = std::move(members);
    frames_.keep_only(
        [this](const std::string& node) { return gossip_->members().all().contains(node); });
    pruner_.set_members(members_, monotonic_now());
}

void Pruning::examine(Time now) {
    if (now < examine_at_) return;
    departures_.set_writers(gossip_->state().writers(), now);
    pruner_.retire(departures_.departed(now), now);
    examine_at_ = std::min(departures_.next_deadline(now).value_or(now + examine_interval),
                           now + examine_interval);
}

void Pruning::tick(Time now) {
    if (now >= active_at_) {
        set_active();
        active_at_ = now + active_interval;
    }
    examine(now);
    run([&] { return pruner_.on_tick(now); });
}

Time Pruning::next_deadline() const {
    return std::min(examine_at_, pruner_.next_deadline().value_or(examine_at_));
}

ReplicaId Pruning::dismiss(const std::string& node_or_incarnation) {
    const Time now = monotonic_now();
    const auto& members = gossip_->members().all();
    const auto member = members.find(node_or_incarnation);
    if (node_or_incarnation == gossip_->self().node() ||
        (member != members.end() && !member->second.is_down(now)))
        throw Error(ErrorCode::precondition_failed,
                    "prune: the node " + node_or_incarnation + " is active");
    auto id = crdt::system::decimal<ReplicaId>(node_or_incarnation);
    if (const auto last = departures_.last_of(node_or_incarnation)) id = last;
    if (!id)
        throw Error(ErrorCode::node_not_found,
                    "prune: no node and no incarnation '" + node_or_incarnation + "' is known");
    if (member != members.end()) gossip_->remove_member(node_or_incarnation);
    set_active();
    departures_.set_writers(gossip_->state().writers(), now);
    if (departures_.is_active(*id))
        throw Error(ErrorCode::precondition_failed,
                    "prune: the incarnation " + std::to_string(*id) + " is active");
    if (!departures_.is_inactive_writer(*id))
        throw Error(ErrorCode::node_not_found,
                    "prune: no counter has slots of the incarnation " + std::to_string(*id));
    departures_.dismiss(*id);
    examine_at_ = {};
    return *id;
}

Counters PruningNode::collapse(const Counters& written,
                               const std::vector<ReplicaId>& writers) const {
    Counters slots = written.collapsed(writers, gossip_->lasting_incarnation());
    // Leave a reserve, because later resets can make these slots twice as large.
    if (crdt::binary::size(slots) > crdt::nats::Reassembler::max_frame_size / 3)
        throw std::overflow_error("pruning: the slots do not fit a message");
    return slots;
}

/// Returns the incarnations of this node that `commit` prunes, in order.
std::vector<ReplicaId> PruningNode::own_of(const Message& commit) const {
    std::set<ReplicaId> own{gossip_->incarnation(), gossip_->lasting_incarnation()};
    std::erase_if(own, [&](ReplicaId id) { return !commit.history.contains(id); });
    return {own.begin(), own.end()};
}

void PruningNode::report_loss(const std::vector<ReplicaId>& own) {
    const std::size_t names = gossip_->state().written_by(own, true).size();
    if (names == 0) return;
    ++lost_;
    log_(crdt::system::LogLevel::error,
         "the other nodes have pruned incarnation " + std::to_string(own.back()) +
             " of this node, which has written to " + std::to_string(names) +
             " counters: adds that no other node had are lost");
}

void PruningNode::begin(const Message& commit, const std::function<void(Counters&)>& change,
                        Time /*now*/) {
    const std::vector<ReplicaId> own = own_of(commit);
    if (!own.empty()) report_loss(own);
    Pruned history = commit.history;
    gossip_->begin_generation(commit.generation, [&](Counters& state) {
        if (own.empty()) {
            change(state);
        } else {
            // If another node has a record of a request, it also has the add. If only this node had
            // the record, the add is lost. Without the record, a repetition of the request is
            // counted.
            Counters next = state;
            change(next);
            next.drop_records_of(own);
            state = std::move(next);
        }
        state.set_pruned(std::move(history));
    });
    while (!own_of(commit).empty()) gossip_->abandon_incarnation();
    store_->replace();
    log_(crdt::system::LogLevel::info,
         "pruned: generation " + std::to_string(crdt::replication::prunings(commit.generation)));
}

Counters PruningNode::start_over() {
    log_(crdt::system::LogLevel::error,
         "this node has missed too many prunings: what only its file contains is dropped");
    ++lost_;
    const ReplicaId current = gossip_->incarnation();
    const bool is_fresh = !store_->is_resumed() || current != gossip_->lasting_incarnation();
    const bool is_young = forget_after_ == Duration{} || monotonic_now() - began_ < forget_after_;
    Counters own = is_fresh && is_young ? state().written_by({current}, true) : Counters();
    if (store_->is_resumed()) gossip_->abandon_incarnation();
    return own;
}

Metrics Pruning::metrics() const {
    return {
        {"prunings_total", "Prunings that led to the state",
         crdt::replication::prunings(gossip_->generation())},
        {"departed_replicas", "Departed replicas that are not pruned yet",
         pruner_.retired().size()},
        {"prunings_of_this_node_total",
         "Prunings of this node, which may have lost adds that only it had", node_.lost()},
        {"prunings_unfit_total", "Prunings that failed because a sum would not fit", unfit_},
        {"prune_malformed_total", "Invalid messages about prunings",
         metrics_.malformed + metrics_.unknown_senders + metrics_.too_long},
    };
}

}  // namespace counterd
