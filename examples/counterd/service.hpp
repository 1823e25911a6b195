// SPDX-License-Identifier: MIT
//! Service: the requests of clients and their answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <crdt/nats/address.hpp>
#include <crdt/nats/connection.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/message.hpp>
#include <crdt/nats/subscription.hpp>

#include "answers.hpp"
#include "counter_store.hpp"
#include "counters.hpp"
#include "gossip.hpp"
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

namespace counterd {

/// Processes requests as messages arrive, and sends the answers in poll(), after the changes that
/// they report are durable. An invalid request is answered with an error and changes nothing.
class Service : Replies {
    using Message = crdt::nats::NatsMessage;
    using Subscription = crdt::nats::Subscription;

    crdt::nats::Connection* connection_;
    crdt::nats::Mailbox* mailbox_;
    Gossip* gossip_;
    CounterStore* store_;
    crdt::nats::Address self_;
    PendingRequests waiting_;
    PendingReads reads_;
    Watchers watchers_;
    RateLimit limit_;
    std::map<std::string, std::uint64_t, std::less<>> requests_;
    std::uint64_t limited_ = 0, overloaded_ = 0, removals_ = 0;
    std::unique_ptr<Subscription> any_node_, this_node_;

  public:
    /// `rate_limit` is in requests per second; 0 means none. All other arguments must outlive this.
    Service(crdt::nats::Connection& connection, crdt::nats::Mailbox& mailbox, Gossip& gossip,
            CounterStore& store, std::uint64_t rate_limit);
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    /// Also subscribes to the requests that any node may answer.
    void open();
    /// Records that a counter may have changed.
    void on_change(const CounterKey& key);
    std::optional<Time> next_deadline() const;
    /// Answers all requests that can be answered by now, after a commit.
    void poll(Time now);
    /// Unsubscribes from requests. Requests already sent to this node are still processed.
    void drain();
    bool is_drained() const;
    /// Answers all pending requests with an error.
    void reject_pending();

    Metrics metrics() const;
    /// Returns the metrics that `status` shows.
    std::function<Metrics()> all_metrics;

  private:
    struct Verb {
        void (Service::*handler)(const Request&, const std::string& reply);
        Request::Members members;
    };

    /// The verbs by name.
    static const std::map<std::string, Verb, std::less<>>& verbs();
    std::unique_ptr<Subscription> subscribe(const std::string& subject,
                                            const std::string& queue = "");
    void on_request(const Message& message);
    /// Answers a request with an error because too many wait.
    void reject(const Message& message);
    /// Throws Error if the client has timed out. The node then does nothing for it.
    void expect_in_time(const Request& request, const std::string& reply) const;
    bool is_valid_reply(const std::string& reply);
    /// When the running request times out. The time that it has waited in the queue counts, too.
    Time deadline_of(const Request& request) const {
        return mailbox_->arrived() + request.timeout();
    }

    const Counters& counters() const { return store_->counters(); }
    ReplicaId replica() const { return gossip_->incarnation(); }

    // Arguments of requests, in verbs.cpp.

    /// Returns the requested kind, otherwise that of the existing counter.
    Kind kind_of(std::optional<Kind> asked, const std::string& name) const;
    Kind kind_in(const Request& request, const std::string& name) const;
    /// Returns the kind for a change. Throws Error if the counter exists, but not with that kind.
    Kind kind_to_change(const Request& request, const std::string& name) const;
    void expect_bounded(const Request& request, const std::string& name) const;

    /// Returns the value of a counter, and a session token that includes this value.
    Answer shown(const std::string& name, Kind kind, Token token) const;

    // The verbs, in verbs.cpp.

    void add(const Request& request, const std::string& reply);
    void read(const Request& request, const std::string& reply);
    void poll_reads(Time now);
    void transfer(const Request& request, const std::string& reply);
    void reset(const Request& request, const std::string& reply);
    void list(const Request& request, const std::string& reply);
    void watch(const Request& request, const std::string& reply);
    void status(const Request&, const std::string& reply);

    /// Answers once `needed` neighbours have acknowledged the changes so far.
    void succeed_once_peers_have_it(const std::string& reply, const std::string& name, Answer body,
                                    std::size_t needed, Time until);
};

}  // namespace counterd
