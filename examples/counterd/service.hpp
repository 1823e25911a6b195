// SPDX-License-Identifier: MIT
//! Service: the requests of clients and their answers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/codec/json/nlohmann.hpp>
#include <crdt/nats/address.hpp>
#include <crdt/nats/connection.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/message.hpp>
#include <crdt/nats/subscription.hpp>
#include <crdt/system/decimal.hpp>

#include "answers.hpp"
#include "awaited_acks.hpp"
#include "counter_store.hpp"
#include "counters.hpp"
#include "metrics.hpp"
#include "pending_reads.hpp"
#include "pending_requests.hpp"
#include "rate_limit.hpp"
#include "replies.hpp"
#include "request.hpp"
#include "token.hpp"
#include "watchers.hpp"

// The subjects of clients, in the cluster C:
//
//     crdt.C.svc.VERB          any node answers
//     crdt.C.node.NODE.VERB    the node NODE answers
//
// The subjects between nodes, for a client that waits for acks:
//
//     crdt.C.confirm.TO.FROM   FROM requests whether TO has a change; TO answers once it has, on
//     crdt.C.ack.FROM.TO.N     where N is a random number for this change and TO
//
// Permissions of the server exclude clients from these subjects, and prevent a node from sending as
// another. So a confirm request does not count as a client's request, and an ack counts for the
// node that has sent it.

namespace counterd {

/// Processes requests as messages arrive, and sends the answers in poll(), after the changes that
/// they report are durable. An invalid request is answered with an error and changes nothing.
class Service : Replies {
    using Message = crdt::nats::NatsMessage;
    using Subscription = crdt::nats::Subscription;

    static constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
    static constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
    static constexpr std::int64_t longest_list = 1000;

    crdt::nats::Connection* connection_;
    crdt::nats::Mailbox* mailbox_;
    Gossip* gossip_;
    CounterStore* store_;
    crdt::nats::Address self_;
    PendingRequests waiting_;
    PendingReads reads_;
    Watchers watchers_;
    RateLimit limit_;
    AwaitedAcks awaited_;
    std::map<std::string, std::uint64_t, std::less<>> requests_;
    std::uint64_t limited_ = 0, removals_ = 0;
    std::unique_ptr<Subscription> any_node_, this_node_, confirms_, acks_;

  public:
    /// `rate_limit` is in requests per second; 0 means none. All other arguments must outlive this.
    Service(crdt::nats::Connection& connection, crdt::nats::Mailbox& mailbox, Gossip& gossip,
            CounterStore& store, std::uint64_t rate_limit)
        : Replies(connection, gossip.self().node()),
          connection_(&connection),
          mailbox_(&mailbox),
          gossip_(&gossip),
          store_(&store),
          self_(gossip.self()),
          limit_(rate_limit) {
        for (const auto& [name, verb] : verbs()) requests_[name] = 0;
        this_node_ = subscribe("node." + self_.node() + ".*", &Service::on_request);
        confirms_ = subscribe("confirm." + self_.node() + ".*", &Service::on_confirm);
        acks_ = subscribe("ack." + self_.node() + ".*.*", &Service::on_ack);
    }
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    /// Also subscribes to the requests that any node may answer.
    void open() {
        if (!any_node_) any_node_ = subscribe("svc.*", &Service::on_request, "svc");
    }
    /// Records that a counter may have changed.
    void on_change(const CounterKey& key) {
        note_change();
        watchers_.note(key);
        reads_.note(key.name);
    }

    std::optional<Time> next_deadline() const {
        std::optional<Time> next;
        for (const auto& due :
             {waiting_.next_deadline(), reads_.next_deadline(), watchers_.next_deadline()})
            if (due) next = std::min(next.value_or(*due), *due);
        return next;
    }
    /// Answers all requests that can be answered by now, after a commit.
    void poll(Time now) {
        waiting_.poll(now);
        poll_reads(now);
        guard("", [&] {
            watchers_.poll(
                now, connection_->max_payload(),
                [&](const CounterKey& key) { return entry_of(counters(), key); },
                [&](const std::string& subject, const Entries& changes) {
                    report(subject, changes);
                });
        });
        store_->commit_if_due(now);
        outbox_.send();
    }
    /// Unsubscribes from requests. Requests already sent to this node are still processed.
    void drain() {
        if (any_node_) any_node_->drain();
        this_node_->drain();
    }
    bool is_drained() {
        return (!any_node_ || any_node_->is_drained()) && this_node_->is_drained();
    }
    /// Answers all pending requests with an error.
    void reject_pending() {
        waiting_.poll(Time::max());
        poll_reads(Time::max());
    }

    Metrics metrics() const {
        Metrics all{
            {"names", "Counters, with those that were reset and not yet removed",
             store_->counters().size()},
            {"watchers", "Clients that receive changes", watchers_.size()},
            {"pending_reads", "Reads that wait for what their session has seen", reads_.size()},
            {"errors_total", "Requests answered with an error", errors_},
            {"rate_limited_total", "Requests above the rate limit", limited_},
            {"requests_lost_total", "Requests dropped as the queue was full",
             (any_node_ ? any_node_->dropped() : 0) + this_node_->dropped()},
        };
        for (const auto& [verb, count] : requests_)
            all.push_back({"requests_" + verb + "_total", "Requests with this verb", count});
        return all;
    }
    /// Returns the metrics that `status` shows.
    std::function<Metrics()> all_metrics;

  private:
    struct Verb {
        void (Service::*handler)(const Request&, const std::string& reply);
        Request::Members members;
    };

    static const std::map<std::string, Verb, std::less<>>& verbs() {
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

    std::unique_ptr<Subscription> subscribe(const std::string& subject,
                                            void (Service::*handle)(const Message&),
                                            const std::string& queue = "") {
        return std::make_unique<Subscription>(
            *connection_, *mailbox_, self_.prefix() + subject,
            [this, handle](const Message& message) { (this->*handle)(message); }, queue);
    }

    void on_request(const Message& message) {
        const std::string reply(message.reply());
        // Otherwise a client could make this node send to nodes of this or another cluster.
        if (reply.starts_with("crdt.")) {
            ++errors_;
            return;
        }
        guard(reply, [&] {
            if (!limit_.admit(monotonic_now())) {
                ++limited_;
                throw Error(ErrorCode::temporarily_unavailable,
                            "rate limit exceeded, try again later");
            }
            const auto verb = verbs().find(crdt::nats::last_token(message.subject()));
            if (verb == verbs().end()) throw Error(ErrorCode::not_supported, "unknown verb");
            ++requests_.find(verb->first)->second;
            const Request request(message.data(), verb->second.members);
            static_cast<void>(request.timeout());  // checked for all verbs
            (this->*verb->second.handler)(request, reply);
        });
    }
    /// A peer sends this for one of its clients. The peer limits the rate of that client.
    void on_confirm(const Message& message) {
        const std::string from(crdt::nats::last_token(message.subject())), reply(message.reply());
        const std::string expected = self_.prefix() + "ack." + from + '.' + self_.node() + '.';
        if (!reply.starts_with(expected)) {
            ++errors_;
            return;
        }
        guard(reply, [&] { read(Request(message.data(), verbs().at("read").members), reply); });
    }

    const Counters& counters() const { return store_->counters(); }
    ReplicaId replica() const { return gossip_->incarnation(); }

    // Arguments of requests.

    /// Returns the requested kind, otherwise that of the existing counter.
    Kind kind_of(std::optional<Kind> asked, const std::string& name) const {
        return asked ? *asked : counters().kind_of(name).value_or(Kind::counter);
    }
    Kind kind_in(const Request& request, const std::string& name) const {
        return kind_of(request.kind(), name);
    }
    /// Returns the kind for a change. Throws Error if the counter exists, but not with that kind.
    Kind kind_to_change(const Request& request, const std::string& name) const {
        const Kind kind = kind_in(request, name);
        const auto present = counters().kind_of(name);
        if (present && !counters().contains(name, kind))
            throw Error(ErrorCode::precondition_failed,
                        name + " exists with the kind " + name_of(*present));
        return kind;
    }
    void expect_bounded(const Request& request, const std::string& name) const {
        if (kind_in(request, name) != Kind::bounded)
            throw Error(ErrorCode::not_supported, "transfer: expected a bounded counter");
    }

    // Answers.

    /// Returns the value of a counter, and a session token that includes this value.
    Json shown(const std::string& name, Kind kind, Token token) const {
        token.note(Snapshot(counters(), name));
        Json body{{"session", token.text()}};
        put_value(body, counters().total(name, kind));
        if (kind == Kind::bounded) body["rights"] = counters().rights(name, replica());
        return body;
    }

    // The verbs.

    void add(const Request& request, const std::string& reply) {
        const std::string name = request.name();
        const Kind kind = kind_to_change(request, name);
        const std::int64_t delta = request.integer("delta", lowest, highest);
        const auto needed = static_cast<std::size_t>(request.integer("ack", 0, 1000, 0));
        const Time until = monotonic_now() + request.timeout();
        const std::string session = request.text("session");
        Token token(name, session);
        // Joins what the answer shows into the session.
        if (needed > 0) waiting_.expect_room(waiting_bytes(name, session, reply) + Token::longest);
        store_->change(name, [&](Counters& counters) {
            return kind == Kind::counter ? counters.add(replica(), name, delta)
                                         : counters.add_bounded(replica(), name, delta);
        });
        Json body = shown(name, kind, std::move(token));
        if (needed == 0) return succeed(reply, std::move(body));
        succeed_once_peers_have_it(reply, name, std::move(body), needed, until);
    }

    void read(const Request& request, const std::string& reply) {
        const std::string name = request.name(), session = request.text("session");
        const auto kind = request.kind();
        Token token(name, session);
        if (token.is_satisfied_by(Snapshot(counters(), name)))
            return succeed(reply, shown(name, kind_of(kind, name), std::move(token)));
        reads_.enter(name, {kind, std::move(token), reply, monotonic_now() + request.timeout(),
                            waiting_bytes(name, session, reply)});
    }
    /// Returns the size of a pending request: the bytes that the client sent.
    static std::size_t waiting_bytes(const std::string& name, const std::string& session,
                                     const std::string& reply) {
        return name.size() + session.size() + reply.size();
    }
    void poll_reads(Time now) {
        // A removal names no counter, so it may concern any counter.
        if (std::exchange(removals_, store_->removals()) != removals_) reads_.note_all();
        reads_.poll(
            now, counters(),
            [this](const std::string& name, const PendingReads::Read& read) {
                guard(read.reply, [&] {
                    succeed(read.reply, shown(name, kind_of(read.kind, name), read.token));
                });
            },
            [this](const PendingReads::Read& read) {
                guard(read.reply, [] {
                    throw Error(ErrorCode::temporarily_unavailable,
                                "this node does not have what the session has seen yet");
                });
            });
    }

    void transfer(const Request& request, const std::string& reply) {
        const std::string name = request.name(), to = request.text("to");
        expect_bounded(request, name);
        Token token(name, request.text("session"));
        const auto amount = static_cast<std::uint64_t>(request.integer("amount", 1, highest));
        const auto member = gossip_->members().all().find(to);
        if (member == gossip_->members().all().end())
            throw Error(ErrorCode::node_not_found,
                        "transfer: no other node is called '" + to + "'");
        // If that node restarted without its state, the rights would be lost.
        if (member->second.is_down(monotonic_now()))
            throw Error(ErrorCode::temporarily_unavailable,
                        "" + to + " is down, so nothing is transferred to it");
        store_->change(name, [&](Counters& counters) {
            return counters.transfer(replica(), member->second.incarnation, name, amount);
        });
        succeed(reply, shown(name, Kind::bounded, std::move(token)));
    }

    void reset(const Request& request, const std::string& reply) {
        const std::string name = request.name();
        if (kind_in(request, name) == Kind::bounded)
            throw Error(ErrorCode::not_supported, "reset: a bounded counter cannot be reset");
        Token token(name, request.text("session"));
        store_->change(name, [&](Counters& counters) { return counters.reset(replica(), name); });
        succeed(reply, shown(name, Kind::counter, std::move(token)));
    }

    void list(const Request& request, const std::string& reply) {
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

    void watch(const Request& request, const std::string& reply) {
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
                put_keys(page.keys, name, interest.kind);
        } else {
            page = counters().list(interest.prefix, std::nullopt, interest.kind, longest_list);
        }
        if (reply.empty()) return;
        watchers_.renew(reply, std::move(interest), monotonic_now());
        succeed(reply, "changes", counters(), page);
    }
    /// Adds the counters of a name, or the plain one if none exists.
    void put_keys(std::vector<CounterKey>& keys, const std::string& name,
                  std::optional<Kind> only) const {
        if (only) return keys.push_back({name, *only});
        const auto first = counters().kind_of(name).value_or(Kind::counter);
        keys.push_back({name, first});
        if (first == Kind::counter && counters().contains(name, Kind::bounded))
            keys.push_back({name, Kind::bounded});
    }

    void status(const Request&, const std::string& reply) {
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

    // To wait for `needed` peers, this node requests each member to read the counter with a session
    // that includes the change. A member answers once it has the change.

    void succeed_once_peers_have_it(const std::string& reply, const std::string& name, Json body,
                                    std::size_t needed, Time until) {
        const auto request = std::make_shared<AwaitedAcks::Request>();
        const auto timeout = (until - monotonic_now()) / std::chrono::milliseconds{1};
        const std::size_t bytes =
            waiting_bytes(name, body.at("session").get_ref<const std::string&>(), reply);
        gossip_->expedite();
        const Json question{
            {"name", name}, {"session", body.at("session")}, {"timeout_ms", timeout}};
        waiting_.enter(
            until,
            [this, reply, request, needed, body = std::move(body)] {
                if (request->have() < needed) return false;
                awaited_.end(*request);
                succeed(reply, body);
                return true;
            },
            [this, reply, request, needed] {
                awaited_.end(*request);
                fail(reply, ErrorCode::temporarily_unavailable,
                     "added, but " + std::to_string(request->have()) + " peers of " +
                         std::to_string(needed) + " have acknowledged it");
            },
            bytes);
        for (const auto& [node, member] : gossip_->members().all())
            outbox_.put(self_.prefix() + "confirm." + node + '.' + self_.node(), question,
                        self_.prefix() + "ack." + self_.node() + '.' + node + '.' +
                            std::to_string(awaited_.expect(request, node)));
    }
    void on_ack(const Message& message) {
        const std::string_view subject = message.subject();
        const std::size_t dot = subject.rfind('.');
        const std::string from(crdt::nats::last_token(subject.substr(0, dot)));
        const auto number = crdt::system::decimal<std::uint64_t>(subject.substr(dot + 1));
        constexpr std::size_t longest = std::size_t{1} << 20U;
        if (!number || !awaited_.expects(from, *number) || message.data().size() > longest) return;
        const auto answer = crdt::json::parse(message.data());
        if (!answer || !answer->is_object()) return;
        const auto ok = answer->find("ok");
        if (ok == answer->end() || *ok != true) return;
        awaited_.on_ack(from, *number);
        waiting_.notify();
    }
};

}  // namespace counterd
