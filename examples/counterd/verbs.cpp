// SPDX-License-Identifier: MIT
//! The verbs of the service.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "answers.hpp"
#include "service.hpp"

namespace counterd {

namespace {

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t longest_list = 1000;

/// Returns the size of a pending request: the bytes that the client sent.
std::size_t waiting_bytes(const std::string& name, const std::string& session,
                          const std::string& reply) {
    return name.size() + session.size() + reply.size();
}

/// Adds the counters of a name, or the plain one if none exists.
void put_keys(const Counters& counters, std::vector<CounterKey>& keys, const std::string& name,
              std::optional<Kind> only) {
    if (only) return keys.push_back({name, *only});
    const auto first = counters.kind_of(name).value_or(Kind::counter);
    keys.push_back({name, first});
    if (first == Kind::counter && counters.contains(name, Kind::bounded))
        keys.push_back({name, Kind::bounded});
}

}  // namespace

const std::map<std::string, Service::Verb, std::less<>>& Service::verbs() {
    static const std::map<std::string, Verb, std::less<>> all{
        {"add", {&Service::add, {"name", "kind", "session", "timeout_ms", "delta", "ack"}}},
        {"read", {&Service::read, {"name", "kind", "session", "timeout_ms"}}},
        {"reset", {&Service::reset, {"name", "kind", "session", "timeout_ms"}}},
        {"transfer",
         {&Service::transfer, {"name", "kind", "session", "timeout_ms", "to", "amount"}}},
        {"list",
         {&Service::list, {"prefix", "kind", "timeout_ms", "after", "after_kind", "limit"}}},
        {"watch", {&Service::watch, {"prefix", "kind", "timeout_ms", "names"}}},
        {"status", {&Service::status, {"timeout_ms"}}},
    };
    return all;
}

Kind Service::kind_of(std::optional<Kind> asked, const std::string& name) const {
    return asked ? *asked : counters().kind_of(name).value_or(Kind::counter);
}

Kind Service::kind_in(const Request& request, const std::string& name) const {
    return kind_of(request.kind(), name);
}

Kind Service::kind_to_change(const Request& request, const std::string& name) const {
    const Kind kind = kind_in(request, name);
    const auto present = counters().kind_of(name);
    if (present && !counters().contains(name, kind))
        throw Error(ErrorCode::precondition_failed,
                    name + " exists with the kind " + name_of(*present));
    return kind;
}

void Service::expect_bounded(const Request& request, const std::string& name) const {
    if (kind_in(request, name) != Kind::bounded)
        throw Error(ErrorCode::not_supported, "transfer: expected a bounded counter");
}

Answer Service::shown(const std::string& name, Kind kind, Token token) const {
    token.note(Snapshot(counters(), name));
    Answer answer;
    answer.put("session", std::string_view(token.text()));
    answer.put_value(counters().total(name, kind));
    if (kind == Kind::bounded) answer.put("rights", counters().rights(name, replica()));
    return answer;
}

void Service::add(const Request& request, const std::string& reply) {
    const std::string name = request.name();
    const Kind kind = kind_to_change(request, name);
    const std::int64_t delta = request.integer("delta", lowest, highest);
    const auto needed = static_cast<std::size_t>(request.integer("ack", 0, 1000, 0));
    const Time until = deadline_of(request);
    const std::string session = request.text("session");
    Token token(name, session);
    // Joins what the answer shows into the session.
    if (needed > 0) waiting_.expect_room(waiting_bytes(name, session, reply) + Token::longest);
    store_->change(name, [&](Counters& counters) {
        return kind == Kind::counter ? counters.add(replica(), name, delta)
                                     : counters.add_bounded(replica(), name, delta);
    });
    Answer body = shown(name, kind, std::move(token));
    if (needed == 0) return succeed(reply, std::move(body));
    succeed_once_peers_have_it(reply, name, std::move(body), needed, until);
}

void Service::read(const Request& request, const std::string& reply) {
    const std::string name = request.name(), session = request.text("session");
    const auto kind = request.kind();
    Token token(name, session);
    if (token.is_satisfied_by(Snapshot(counters(), name)))
        return succeed(reply, shown(name, kind_of(kind, name), std::move(token)));
    reads_.enter(name, {kind, std::move(token), reply, deadline_of(request),
                        waiting_bytes(name, session, reply)});
}

void Service::poll_reads(Time now) {
    // A removal names no counter, so it may concern any counter.
    if (std::exchange(removals_, store_->removals()) != removals_) reads_.note_all();
    reads_.poll(
        now, counters(),
        [this](const std::string& name, const PendingReads::Read& read) {
            guard(read.reply,
                  [&] { succeed(read.reply, shown(name, kind_of(read.kind, name), read.token)); });
        },
        [this](const PendingReads::Read& read) {
            guard(read.reply, [] {
                throw Error(ErrorCode::temporarily_unavailable,
                            "this node does not have what the session has seen yet");
            });
        });
}

void Service::transfer(const Request& request, const std::string& reply) {
    const std::string name = request.name(), to = request.text("to");
    expect_bounded(request, name);
    Token token(name, request.text("session"));
    const auto amount = static_cast<std::uint64_t>(request.integer("amount", 1, highest));
    const auto member = gossip_->members().all().find(to);
    if (member == gossip_->members().all().end())
        throw Error(ErrorCode::node_not_found, "transfer: no other node is called '" + to + "'");
    // If that node restarted without its state, the rights would be lost.
    if (member->second.is_down(monotonic_now()))
        throw Error(ErrorCode::temporarily_unavailable,
                    "" + to + " is down, so nothing is transferred to it");
    store_->change(name, [&](Counters& counters) {
        return counters.transfer(replica(), member->second.incarnation, name, amount);
    });
    succeed(reply, shown(name, Kind::bounded, std::move(token)));
}

void Service::reset(const Request& request, const std::string& reply) {
    const std::string name = request.name();
    if (kind_in(request, name) == Kind::bounded)
        throw Error(ErrorCode::not_supported, "reset: a bounded counter cannot be reset");
    Token token(name, request.text("session"));
    store_->change(name, [&](Counters& counters) { return counters.reset(replica(), name); });
    succeed(reply, shown(name, Kind::counter, std::move(token)));
}

void Service::list(const Request& request, const std::string& reply) {
    const auto limit = static_cast<std::size_t>(request.integer("limit", 1, longest_list, 100));
    const auto after_kind = request.kind("after_kind");
    std::optional<CounterKey> after;
    if (request.has("after"))
        after = {request.prefix("after"), after_kind.value_or(Kind::bounded)};
    else if (after_kind)
        throw Error(ErrorCode::malformed_request, "after_kind requires after");
    succeed(reply, "counters", counters(),
            counters().list(request.prefix("prefix"), after, request.kind(), limit));
}

void Service::watch(const Request& request, const std::string& reply) {
    Interest interest{request.prefix("prefix"), {}, request.kind()};
    Counters::Page page;
    if (request.has("names")) {
        if (request.has("prefix"))
            throw Error(ErrorCode::malformed_request, "prefix and names exclude each other");
        const std::vector<std::string> names = request.names();
        if (names.size() > longest_list)
            throw Error(ErrorCode::malformed_request, "names has more than 1000 entries");
        interest.names.emplace(names.begin(), names.end());
        for (const std::string& name : *interest.names)
            put_keys(counters(), page.keys, name, interest.kind);
    } else {
        page = counters().list(interest.prefix, std::nullopt, interest.kind, longest_list);
    }
    if (reply.empty()) return;
    watchers_.renew(reply, std::move(interest), monotonic_now());
    succeed(reply, "changes", counters(), page);
}

void Service::status(const Request&, const std::string& reply) {
    const Time now = monotonic_now();
    Json members = Json::array();
    for (const auto& [name, member] : gossip_->members().all()) {
        const Duration ago = now - member.seen;
        members.push_back({{"node", name},
                           {"seen_ms_ago", ago / std::chrono::milliseconds{1}},
                           {"down", member.is_down(now)}});
    }
    succeed(reply, {{"incarnation", replica()},
                    {"cluster", self_.cluster()},
                    {"names", counters().size()},
                    {"adds", requests_.at("add")},
                    {"members", std::move(members)},
                    {"metrics", to_json(all_metrics())}});
}

void Service::succeed_once_peers_have_it(const std::string& reply, const std::string& name,
                                         Answer body, std::size_t needed, Time until) {
    const std::size_t bytes = name.size() + body.size() + reply.size();
    gossip_->request_acks();
    const auto position = gossip_->position();
    waiting_.enter(
        until,
        [this, reply, position, needed, body = std::move(body)] {
            if (gossip_->acknowledged(position) < needed) return false;
            succeed(reply, body);
            return true;
        },
        [this, reply, position, needed] {
            fail(reply, ErrorCode::temporarily_unavailable,
                 "added, but " + std::to_string(gossip_->acknowledged(position)) + " peers of " +
                     std::to_string(needed) + " have acknowledged it");
        },
        bytes);
}

}  // namespace counterd
