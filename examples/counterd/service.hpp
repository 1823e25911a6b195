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
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/nats/address.hpp>
#include <crdt/nats/connection.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/message.hpp>
#include <crdt/nats/subscription.hpp>

#include "answers.hpp"
#include "client_port.hpp"
#include "counter_store.hpp"
#include "counters.hpp"
#include "gossip.hpp"
#include "metrics.hpp"
#include "pending_reads.hpp"
#include "pending_requests.hpp"
#include "pruning.hpp"
#include "rate_limit.hpp"
#include "refills.hpp"
#include "replies.hpp"
#include "request.hpp"
#include "token.hpp"
#include "watchers.hpp"

// The subjects of clients, in the cluster C:
//
//     crdt.C.svc.VERB          any node answers
//     crdt.C.node.NODE.VERB    the node NODE answers
//
// There may be a token before the verb, such as `orders` in crdt.C.svc.orders.add. Then the request
// may only use counters with names that begin with this token and a slash, here orders/. So
// permissions of the NATS server can limit a client to one prefix.
//
// The subjects between nodes are in gossip.hpp, pruning.hpp and refills.hpp.

namespace counterd {

/// Processes requests when their messages arrive, and puts the answers into its outbox. An invalid
/// request is answered with an error and changes nothing.
class Service : Replies {
    using Message = crdt::nats::NatsMessage;
    using Subscription = crdt::nats::Subscription;

    crdt::nats::Connection* connection_;
    crdt::nats::Mailbox* mailbox_;
    ClientPort* port_;
    Gossip* gossip_;
    CounterStore* store_;
    crdt::nats::Address self_;
    /// How the subjects of requests to any node, and to this node, begin.
    std::string any_subject_, this_subject_;
    PendingRequests waiting_;
    PendingReads reads_;
    Watchers watchers_;
    RateLimit limit_;
    Pruning pruning_;
    Refills refills_;
    std::map<std::string, std::uint64_t, std::less<>> requests_;
    std::uint64_t limited_ = 0, overloaded_ = 0, removals_ = 0, repeated_ = 0;
    std::unique_ptr<Subscription> any_node_, this_node_;
    /// The handlers of the requests that arrive at the port.
    crdt::nats::Mailbox::Source at_port_;

  public:
    /// `rate_limit` is the limit of requests per second, or 0 for no limit. A replica without a
    /// heartbeat for `forget_after` is pruned, but not if `forget_after` is 0. `port` may be null.
    /// It and all references must outlive this object.
    Service(crdt::nats::Connection& connection, crdt::nats::Mailbox& mailbox, ClientPort* port,
            Gossip& gossip, CounterStore& store, std::uint64_t rate_limit, Duration forget_after,
            crdt::nats::Connection::Log log);
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    ~Service();

    /// Subscribes also to the requests that any node may answer, and opens the port for clients.
    /// Before, only requests to this node are answered.
    void open();
    /// Records that a counter may have changed.
    void on_change(const CounterKey& key);
    std::optional<Time> next_deadline() const;
    /// Answers all requests that can be answered by now.
    void poll(Time now);
    /// The prunings of departed replicas.
    Pruning& pruning() { return pruning_; }
    /// The messages of this node.
    Outbox& outbox() { return outbox_; }
    /// Unsubscribes from requests, and closes the port for new ones. Requests that were already
    /// sent to this node are still processed, but of the port only those that were already read.
    void drain();
    bool is_drained() const;
    /// Transfers the rights of this node to a member, before this node leaves.
    void hand_over() { refills_.hand_over(); }
    /// Answers all pending requests with an error.
    void reject_pending();

    Metrics metrics() const;
    /// A function that returns the metrics for the answer of the verb `status`.
    std::function<Metrics()> all_metrics;

  private:
    struct Verb {
        void (Service::*handler)(const Request&, const std::string& reply);
        Request::Members members;
    };

    /// Returns all verbs by name.
    static const std::map<std::string, Verb, std::less<>>& verbs();
    std::unique_ptr<Subscription> subscribe(const std::string& subject,
                                            const std::string& queue = "");
    /// Returns the verb in `subject`, and the prefix that all names in the request must have.
    /// Throws Error if the subject is of another node.
    std::pair<std::string_view, std::string> verb_and_prefix(std::string_view subject) const;
    void on_request(const Message& message);
    /// Answers a request with the error that too many requests wait.
    void reject(const Message& message);
    /// Returns false if the client has already timed out. The node then does nothing for the
    /// request.
    bool is_in_time(const Request& request, const std::string& reply) const;
    bool is_valid_reply(const std::string& reply);
    /// Returns when a request times out. The time that the request has waited in the queue counts,
    /// too.
    Time deadline_of(const Request& request) const {
        return request.deadline().value_or(mailbox_->arrived() + request.timeout());
    }

    const Counters& counters() const { return store_->counters(); }
    ReplicaId replica() const { return gossip_->incarnation(); }

    // Arguments of requests, in verbs.cpp.

    /// Returns the requested kind, or the kind of the existing counter if no kind is requested.
    Kind kind_of(std::optional<Kind> requested, const std::string& name) const;
    Kind kind_in(const Request& request, const std::string& name) const;
    /// Returns the kind for a change. Throws Error if the counter exists, but not with that kind.
    Kind kind_to_change(const Request& request, const std::string& name) const;
    /// Throws Error while a pruning collects slots, because no slots of other replicas may then be
    /// changed.
    void expect_no_pruning(const std::string& verb) const;

    /// Returns an answer with the value of a counter. If there is a session, the answer also has a
    /// token that includes this value.
    Answer shown(const std::string& name, Kind kind, std::optional<Token> session) const;

    // Verbs that change counters, in writes.cpp.

    void add(const Request& request, const std::string& reply);
    void add_many(const Request& request, const std::string& reply);
    void transfer(const Request& request, const std::string& reply);
    void reset(const Request& request, const std::string& reply);
    void erase(const Request& request, const std::string& reply);
    void remove(const Request& request, const std::string& reply, const std::string& verb);
    /// Runs `mutate`, which changes the counters of `work`. If `id` is not empty, records the
    /// request.
    void change_once(const std::string& id, Applied work, const Mutator& mutate);
    /// Returns whether a request with this id was applied before. Throws Error if another node has
    /// applied the request and its changes have not all arrived here, or if the id was used for
    /// another request.
    bool is_repeated(const std::string& id, const Applied& work);

    // The other verbs, in verbs.cpp.

    void read(const Request& request, const std::string& reply);
    void poll_reads(Time now);
    void poll_refills(Time now);
    void list(const Request& request, const std::string& reply);
    void watch(const Request& request, const std::string& reply);
    void status(const Request&, const std::string& reply);
    void prune(const Request& request, const std::string& reply);

    /// If `needed` is not 0, the request must wait for acks. Throws Error if there is no room for
    /// it with an answer of `bytes` bytes.
    void expect_room_to_wait(std::size_t needed, std::size_t bytes) const;
    /// Sends the answer when `needed` neighbours have acknowledged all changes so far. Answers with
    /// an error at the time `until`.
    void send_once_peers_have_it(const std::string& reply, std::string answer, std::size_t needed,
                                 Time until);
};

}  // namespace counterd
