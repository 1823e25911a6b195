// SPDX-License-Identifier: MIT
//! The verbs of the service.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "answers.hpp"
#include "service.hpp"

namespace counterd {

namespace {

/// Adds keys of counters with this name to `keys`: that of the kind `only`, if it is set; otherwise
/// those of all existing ones, or that of the plain counter if none exists.
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
        {"add",
         {&Service::add, {"name", "kind", "session", "timeout_ms", "delta", "ack", "id", "adds"}}},
        {"delete", {&Service::erase, {"name", "kind", "session", "timeout_ms", "id"}}},
        {"read", {&Service::read, {"name", "kind", "session", "timeout_ms", "names"}}},
        {"reset", {&Service::reset, {"name", "kind", "session", "timeout_ms", "id"}}},
        {"transfer",
         {&Service::transfer, {"name", "kind", "session", "timeout_ms", "to", "amount", "id"}}},
        {"list",
         {&Service::list, {"prefix", "kind", "timeout_ms", "after", "after_kind", "limit"}}},
        {"watch", {&Service::watch, {"prefix", "kind", "timeout_ms", "names"}}},
        {"status", {&Service::status, {"timeout_ms"}}},
        {"prune", {&Service::prune, {"node", "timeout_ms"}}},
    };
    return all;
}

Kind Service::kind_of(std::optional<Kind> requested, const std::string& name) const {
    return requested ? *requested : counters().kind_of(name).value_or(Kind::counter);
}

Kind Service::kind_in(const Request& request, const std::string& name) const {
    return kind_of(request.kind(), name);
}

Answer Service::shown(const std::string& name, Kind kind, std::optional<Token> session) const {
    Answer answer;
    if (session) {
        session->note(Snapshot(counters(), name));
        answer.put("session", session->text());
    }
    answer.put_value(counters().total(name, kind));
    if (kind == Kind::bounded) answer.put("rights", counters().rights(name, replica()));
    return answer;
}

void Service::read(const Request& request, const std::string& reply) {
    if (request.has("names")) {
        request.expect_without("names", {"name", "session"});
        const auto kind = request.kind();
        Counters::Page page;
        for (const std::string& name : request.names())
            page.keys.push_back({name, kind_of(kind, name)});
        return succeed(reply, "counters", counters(), page);
    }
    const std::string name = request.name();
    const auto kind = request.kind();
    auto session = Token::of(request, name);
    if (!session || session->is_satisfied_by(Snapshot(counters(), name)))
        return succeed(reply, shown(name, kind_of(kind, name), std::move(session)));
    reads_.enter(name, {kind, *std::move(session), reply, deadline_of(request),
                        waiting_bytes(name, request.text("session"), reply)});
}

void Service::poll_refills(Time now) {
    refills_.poll(
        now,
        [this](const Request& request, const std::string& reply) {
            guard(reply, [&] { add(request, reply); });
        },
        [this](const std::string& reply, const Error& error) {
            guard(reply, [&] { throw error; });
        });
}

void Service::poll_reads(Time now) {
    // A removal does not contain the name of its counter, so the reads of all counters are checked.
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

void Service::list(const Request& request, const std::string& reply) {
    const auto limit =
        static_cast<std::size_t>(request.integer("limit", 1, Request::longest_list, 100));
    const auto after_kind = request.kind("after_kind");
    std::optional<CounterKey> after;
    if (request.has("after"))
        after = {request.part_of_name("after"), after_kind.value_or(Kind::bounded)};
    else if (after_kind)
        throw Error(ErrorCode::malformed_request, "after_kind requires after");
    succeed(reply, "counters", counters(),
            counters().list(request.prefix(), after, request.kind(), limit));
}

void Service::watch(const Request& request, const std::string& reply) {
    Interest interest{request.prefix(), {}, request.kind()};
    Counters::Page page;
    if (request.has("names")) {
        request.expect_without("names", {"prefix"});
        const std::vector<std::string> names = request.names();
        interest.names.emplace(names.begin(), names.end());
        for (const std::string& name : *interest.names)
            put_keys(counters(), page.keys, name, interest.kind);
    } else {
        page = counters().list(interest.prefix, std::nullopt, interest.kind, Request::longest_list);
    }
    if (reply.empty()) return;
    watchers_.renew(reply, std::move(interest), monotonic_now());
    succeed(reply, "changes", counters(), page);
}

void Service::status(const Request&, const std::string& reply) {
    const Time now = monotonic_now();
    std::string members;
    for (const auto& [name, member] : gossip_->members().all()) {
        const Duration ago = now - member.seen;
        Answer entry;
        entry.put("down", member.is_down(now)).put("node", name);
        entry.put("seen_ms_ago", ago / std::chrono::milliseconds{1});
        members += (members.empty() ? "" : ",") + std::move(entry).text();
    }
    Answer answer;
    answer.put("adds", requests_.at("add")).put("cluster", self_.cluster());
    answer.put("incarnation", replica()).put_json("members", '[' + members + ']');
    answer.put_json("metrics", to_json(all_metrics())).put("names", counters().size());
    succeed(reply, std::move(answer));
}

void Service::prune(const Request& request, const std::string& reply) {
    const std::string node = request.text("node");
    if (node.empty()) throw Error(ErrorCode::malformed_request, "node is missing");
    Answer answer;
    answer.put("incarnation", pruning_.dismiss(node));
    succeed(reply, std::move(answer));
}

void Service::expect_no_pruning(const std::string& verb) const {
    if (pruning_.is_collecting())
        throw Error(ErrorCode::temporarily_unavailable,
                    verb + ": a departed replica is being pruned, try again later");
}

void Service::expect_room_to_wait(std::size_t needed, std::size_t bytes) const {
    if (needed > 0) waiting_.expect_room(bytes);
}

void Service::send_once_peers_have_it(const std::string& reply, std::string answer,
                                      std::size_t needed, Time until) {
    if (needed == 0) return reply.empty() ? void() : send(reply, std::move(answer));
    const std::size_t bytes = answer.size() + reply.size();
    gossip_->request_acks();
    const auto position = gossip_->position();
    waiting_.enter(
        until,
        [this, reply, position, needed, writer = replica(), answer = std::move(answer)] {
            const bool is_pruned = counters().is_pruned(writer);
            if (is_pruned)
                fail(reply, ErrorCode::crash,
                     "this node was pruned before its peers have acknowledged the add");
            else if (gossip_->acknowledged(position) < needed)
                return false;
            else if (!reply.empty())
                send(reply, answer);
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
