// SPDX-License-Identifier: MIT
#include "refills.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <crdt/system/fresh.hpp>

#include "errors.hpp"

namespace counterd {

Refills::Refills(crdt::nats::Connection& connection, crdt::nats::Mailbox& mailbox, Gossip& gossip,
                 CounterStore& store)
    : gossip_(&gossip),
      store_(&store),
      connection_(&connection),
      subscription_(connection, mailbox, gossip.self().from_peers("refill"),
                    [this](const auto& message) { on_message(message); }) {}

bool Refills::enter(const Request& request, const std::string& reply, const std::string& name,
                    std::int64_t delta, Time until) {
    if (delta >= 0) return false;
    const std::uint64_t amount = 0 - static_cast<std::uint64_t>(delta);
    if (amount <= rights(name)) return false;
    // Other nodes transfer rights to the lasting incarnation. This node cannot write under that
    // incarnation until it is confirmed.
    if (gossip_->incarnation() != gossip_->lasting_incarnation()) return false;
    if (size_ >= max_size)
        throw Error(ErrorCode::temporarily_unavailable,
                    "too many requests wait for rights at this node");
    auto found = refills_.find(name);
    if (found == refills_.end())
        found =
            refills_.emplace(name, Refill{RefillPlan(peers(name)), crdt::system::fresh_number()})
                .first;
    found->second.waiting.push_back({request.kept(until), reply, amount, until});
    ++size_;
    return true;
}

std::vector<RefillPlan::Peer> Refills::peers(const std::string& name) const {
    const Time now = monotonic_now();
    std::vector<RefillPlan::Peer> peers;
    for (const auto& [node, member] : gossip_->members().all())
        peers.push_back(
            {node, store_->counters().rights(name, member.incarnation), member.is_down(now)});
    return peers;
}

std::uint64_t Refills::sum_of(const Refill& refill) {
    std::uint64_t sum = 0;
    for (const Waiting& each : refill.waiting)
        sum += std::min(each.amount, std::uint64_t{highest} - sum);
    return sum;
}
std::uint64_t Refills::missing(const std::string& name, const Refill& refill) const {
    const std::uint64_t sum = sum_of(refill), present = rights(name);
    return sum > present ? sum - present : 0;
}

void Refills::poll(Time now, const Retry& retry, const Fail& fail) {
    for (auto entry = refills_.begin(); entry != refills_.end();) {
        const std::string& name = entry->first;
        Refill& refill = entry->second;
        std::vector<Waiting> rest;
        for (Waiting& each : std::exchange(refill.waiting, {})) {
            if (each.amount <= rights(name)) {
                --size_;
                retry(each.request, each.reply);
            } else if (each.until <= now) {
                --size_;
                ++refused_;
                fail(each.reply, Error(ErrorCode::temporarily_unavailable,
                                       "add: not enough rights at this node, and other nodes did "
                                       "not transfer enough in time"));
            } else {
                rest.push_back(std::move(each));
            }
        }
        refill.waiting = std::move(rest);
        if (const std::uint64_t shortage = missing(name, refill); shortage != 0)
            if (const auto ask = refill.plan.next(shortage, now)) {
                ++requested_;
                Answer body;
                body.put("name", name).put("number", refill.number).put("amount", ask->amount);
                send(ask->node, std::move(body));
            }
        conclude(name, refill, now, fail);
        entry = refill.waiting.empty() ? refills_.erase(entry) : std::next(entry);
    }
}

void Refills::conclude(const std::string& name, Refill& refill, Time now, const Fail& fail) {
    const RefillPlan::Verdict verdict = refill.plan.verdict(now);
    if (verdict == RefillPlan::Verdict::open || refill.waiting.empty()) return;
    const bool covers_all = verdict == RefillPlan::Verdict::uncovered;
    std::vector<Waiting> rest;
    for (Waiting& each : std::exchange(refill.waiting, {})) {
        // If the total of the counter suffices, the missing rights are on their way between other
        // nodes.
        if (covers_all && store_->counters().total(name, Kind::bounded) >= each.amount) {
            rest.push_back(std::move(each));
            continue;
        }
        --size_;
        ++refused_;
        fail(each.reply, covers_all
                             ? Error(ErrorCode::precondition_failed,
                                     "add: all nodes together do not have enough rights")
                             : Error(ErrorCode::temporarily_unavailable,
                                     "add: not enough rights, and these nodes did not answer: " +
                                         refill.plan.silent()));
    }
    refill.waiting = std::move(rest);
    refill.plan = RefillPlan(peers(name), now + RefillPlan::pause);
}

std::optional<Time> Refills::next_deadline(Time now) const {
    std::optional<Time> next;
    const auto consider = [&](Time due) { next = std::min(next.value_or(due), due); };
    for (const auto& [name, refill] : refills_) {
        consider(refill.plan.next_deadline(now));
        for (const Waiting& each : refill.waiting) consider(each.until);
    }
    return next;
}

void Refills::send(const std::string& node, Answer body) {
    connection_->publish(gossip_->self().to_peer(node, "refill"), std::move(body).text());
}

std::uint64_t Refills::give(const std::string& node, const std::string& name, std::uint64_t asked) {
    // If this node and `node` both lack rights, the one with the lower name is served first. So if
    // this node is first, it keeps what its own requests need.
    const auto own = refills_.find(name);
    const std::uint64_t present = rights(name);
    const std::uint64_t kept = own != refills_.end() && gossip_->self().node() < node
                                   ? std::min(present, sum_of(own->second))
                                   : 0;
    const std::uint64_t amount = RefillPlan::share(present - kept, asked);
    if (amount == 0) return 0;
    const ReplicaId to = gossip_->members().all().at(node).incarnation;
    if (store_->counters().is_pruned(to)) return 0;
    const auto failed = error_of([&] {
        store_->change({{name, Kind::bounded}}, [&](Counters& counters) {
            return counters.transfer(gossip_->incarnation(), to, name, amount);
        });
    });
    return failed ? 0 : amount;
}

void Refills::on_message(const crdt::nats::NatsMessage& message) {
    const std::string from(crdt::nats::last_token(message.subject()));
    if (!gossip_->members().all().contains(from)) return void(++malformed_);
    const auto error = error_of([&] {
        const Request body(message.data(), {"name", "number", "amount", "given"});
        const std::string name = body.name();
        const std::uint64_t number = body.number("number");
        if (body.has("amount")) {
            const auto asked = static_cast<std::uint64_t>(body.integer("amount", 1, highest));
            const std::uint64_t given = give(from, name, asked);
            given_ += given != 0;
            Answer answer;
            answer.put("name", name).put("number", number).put("given", given);
            send(from, std::move(answer));
            gossip_->expedite();
            return;
        }
        const auto given = static_cast<std::uint64_t>(body.integer("given", 0, highest));
        const auto found = refills_.find(name);
        if (found == refills_.end() || found->second.number != number) return;
        found->second.plan.on_answer(from, given, missing(name, found->second), monotonic_now());
    });
    malformed_ += error.has_value();
}

void Refills::hand_over() {
    const Time now = monotonic_now();
    const auto& members = gossip_->members().all();
    const auto receiver = std::find_if(members.begin(), members.end(), [&](const auto& each) {
        return !each.second.is_down(now) && !store_->counters().is_pruned(each.second.incarnation);
    });
    if (receiver == members.end()) return;
    const ReplicaId from = gossip_->incarnation(), to = receiver->second.incarnation;
    for (const std::string& name : store_->counters().names_with_rights(from))
        // If the receiver has no room for the rights of a counter, they stay with this node.
        static_cast<void>(error_of([&] {
            store_->change({{name, Kind::bounded}},
                           [&](Counters& counters) { return counters.hand_over(from, to, name); });
        }));
}

Metrics Refills::metrics() const {
    return {
        {"pending_refills", "Subtractions that wait for rights of other nodes", size_},
        {"refills_requested_total", "Requests for rights that were sent to other nodes",
         requested_},
        {"refills_given_total", "Transfers of rights to nodes that requested them", given_},
        {"refills_refused_total", "Subtractions for which no node transferred enough rights",
         refused_},
        {"refill_malformed_total", "Invalid messages about rights", malformed_},
    };
}

}  // namespace counterd
