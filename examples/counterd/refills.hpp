// SPDX-License-Identifier: MIT
//! Refills: subtractions that wait for rights of other nodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <crdt/nats/connection.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/message.hpp>
#include <crdt/nats/subscription.hpp>

#include "answers.hpp"
#include "counter_store.hpp"
#include "counters.hpp"
#include "gossip.hpp"
#include "metrics.hpp"
#include "outbox.hpp"
#include "refill_plan.hpp"
#include "request.hpp"

namespace counterd {

/// If a node lacks rights for a subtraction, it requests rights of its peers. A peer transfers
/// rights and answers. The rights arrive as a change of the counter. The subject between nodes is
///
///     crdt.C.refill.TO.FROM
///
/// A message has the members `name` and `number`, which identifies the request. A request also has
/// `amount`, and an answer has `given`. An invalid message, or a message of a node that is not a
/// member, is counted and changes nothing.
class Refills {
  public:
    /// Processes a request again. It is called when the rights suffice.
    using Retry = std::function<void(const Request&, const std::string& reply)>;
    using Fail = std::function<void(const std::string& reply, const Error&)>;

  private:
    struct Waiting {
        Request request;
        std::string reply;
        std::uint64_t amount;
        Time until;
    };
    struct Refill {
        RefillPlan plan;
        std::uint64_t number;
        std::vector<Waiting> waiting{};
    };

    Gossip* gossip_;
    CounterStore* store_;
    crdt::nats::Connection* connection_;
    std::map<std::string, Refill> refills_;
    std::size_t size_ = 0;
    std::uint64_t requested_ = 0, given_ = 0, refused_ = 0, malformed_ = 0;
    crdt::nats::Subscription subscription_;

    std::uint64_t rights(const std::string& name) const {
        return store_->counters().rights(name, gossip_->incarnation());
    }
    static std::uint64_t sum_of(const Refill& refill);
    std::uint64_t missing(const std::string& name, const Refill& refill) const;
    std::vector<RefillPlan::Peer> peers(const std::string& name) const;
    void conclude(const std::string& name, Refill& refill, Time now, const Fail& fail);
    void send(const std::string& node, Answer body);
    void on_message(const crdt::nats::NatsMessage& message);
    std::uint64_t give(const std::string& node, const std::string& name, std::uint64_t asked);

  public:
    /// At most this number of requests wait.
    static constexpr std::size_t max_size = 1024;

    /// All arguments must outlive this object.
    Refills(crdt::nats::Connection& connection, crdt::nats::Mailbox& mailbox, Gossip& gossip,
            CounterStore& store);
    Refills(const Refills&) = delete;
    Refills& operator=(const Refills&) = delete;

    /// Returns false if this node can add `delta` to a bounded counter with the rights that it has,
    /// or if waiting would not help. Otherwise keeps the request until the rights have arrived, and
    /// returns true. Throws Error if too many requests wait.
    bool enter(const Request& request, const std::string& reply, const std::string& name,
               std::int64_t delta, Time until);
    /// Retries the requests for which rights have arrived, fails those for which the rights cannot
    /// suffice, and requests more rights.
    void poll(Time now, const Retry& retry, const Fail& fail);
    std::optional<Time> next_deadline(Time now) const;
    /// Transfers all rights of this node to a member, before this node leaves.
    void hand_over();
    Metrics metrics() const;
};

}  // namespace counterd
