// SPDX-License-Identifier: MIT
//! Daemon: a node of the service and its event loop.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <crdt/nats/connection.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/message.hpp>
#include <crdt/store/file.hpp>

#include "client_port.hpp"
#include "counter_store.hpp"
#include "flags.hpp"
#include "gossip.hpp"
#include "host.hpp"
#include "json_log.hpp"
#include "metrics.hpp"
#include "service.hpp"

namespace counterd {

/// A node of the service. One thread owns its state and runs the event loop.
class Daemon {
    Host* host_;
    crdt::nats::Connection& connection_;
    crdt::nats::Mailbox mailbox_;
    Gossip gossip_;
    CounterStore store_;
    std::optional<ClientPort> port_;
    Service service_;
    Time began_ = monotonic_now();
    /// When the last commit began, and the number of messages since then.
    Time commit_began_{};
    std::size_t delivered_ = 0;
    bool is_leaving_ = false;
    /// The node waits for a commit that takes longer, as if this thread wrote it.
    static constexpr Duration longest_commit = std::chrono::milliseconds{250};
    /// If there were fewer messages, the node is not under load.
    static constexpr std::size_t few = 8;

    Metrics metrics() const {
        const auto& engine = gossip_.endpoint().replicator().metrics();
        const auto gossip = gossip_.metrics();
        const auto net = connection_.metrics();
        Metrics all{
            {"members", "Other nodes of the cluster", gossip_.members().all().size()},
            {"peer_messages_sent_total", "Messages sent to peers", engine.messages_sent},
            {"peer_messages_received_total", "Messages received from peers",
             engine.messages_received},
            {"peer_bytes_sent_total", "Bytes sent to peers", gossip.bytes_sent},
            {"peer_bytes_received_total", "Bytes received from peers", gossip.bytes_received},
            {"peer_retransmissions_total", "Retransmitted changes", engine.retransmissions},
            {"peer_digests_sent_total", "Resync requests with a digest", engine.digests_sent},
            {"peer_epoch_changes_total", "Epoch changes of peers", engine.epoch_changes},
            {"peer_conflicts_total",
             "Rejected changes with contradicting content: two replicas with one id",
             engine.conflicts},
            {"peer_divergences_total",
             "Peers with a state that cannot converge: two replicas with one id",
             engine.divergences},
            {"peer_malformed_total", "Invalid messages, or of another cluster", gossip.malformed},
            {"peer_unknown_senders_total", "Messages of nodes that are not members",
             gossip.unknown_senders},
            {"peer_lost_total", "Messages of peers dropped as the queue was full", gossip.dropped},
            {"peer_too_long_total", "Messages to and from peers above the size limit",
             gossip.too_long},
            {"incarnations_refused_total", "Heartbeats with the incarnation of another node",
             gossip.duplicate_incarnations},
            {"handler_errors_total", "Messages for which the handler threw an exception",
             mailbox_.errors()},
            {"duplicate_nodes_total", "Heartbeats of another node with this node's name",
             gossip.duplicate_nodes},
            {"reincarnations_total", "Changes of this node's incarnation", gossip.reincarnations},
            {"ready", "Whether it serves requests, as /ready reports",
             host_->health.is_ready(connection_.is_connected())},
            {"nats_connected", "Whether it is connected to a server", connection_.is_connected()},
            {"nats_reconnects_total", "Reconnections to a server", net.reconnects},
            {"nats_slow_consumer_total", "Times that the client library dropped messages",
             net.slow_consumer},
            {"nats_refused_total", "Other errors reported by servers", net.refused},
            {"nats_unsent_total", "Messages that could not be sent", net.unsent},
            {"nats_messages_in_total", "Messages received", net.messages_in},
            {"nats_messages_out_total", "Messages sent", net.messages_out},
        };
        for (Metric& metric : service_.metrics()) all.push_back(std::move(metric));
        return all;
    }

    /// Blocks until there is input or something is due. Unless `settled`, blocks for at most
    /// settle_poll. Returns true if a signal requests the end.
    bool wait(bool settled) {
        constexpr Duration settle_poll = std::chrono::milliseconds{20};
        const auto now = monotonic_now();
        // The end of a commit wakes this thread.
        const bool is_writing = store_.is_writing();
        Time until = is_writing ? commit_began_ + longest_commit : gossip_.next_deadline();
        if (!settled) until = std::min(until, now + settle_poll);
        const auto consider = [&](std::optional<Time> due) {
            until = std::min(until, due.value_or(until));
        };
        consider(service_.next_deadline());
        if (port_) consider(port_->next_deadline());
        if (!is_writing) {
            consider(store_.next_deadline());
            consider(service_.pruning().next_deadline());
        }
        if (mailbox_.has_waiting()) until = now;
        return host_->wait(until, connection_.file(), port_ ? port_->file() : -1);
    }
    /// Handles an exception of the handler of a message: counts and logs it, and the node
    /// continues. Only a FileError ends the node, because the store cannot be used any more.
    void on_error(const JsonLog& log, const crdt::nats::NatsMessage& message,
                  const std::exception& error) {
        if (dynamic_cast<const crdt::store::FileError*>(&error) != nullptr) throw;
        store_.rewrite();
        if (mailbox_.errors() % 1000 == 1)
            log(crdt::system::LogLevel::error,
                std::string(message.subject()) + ": handler failed: " + error.what() + " (number " +
                    std::to_string(mailbox_.errors()) + ")");
    }
    /// Sends the messages of earlier turns if their commit has ended. Then begins the commit of all
    /// changes since, with the messages that report them. Under load, another thread writes the
    /// commit, and the next turns read and process messages meanwhile.
    void commit() {
        Outbox& outbox = service_.outbox();
        const bool may_go_on =
            !is_leaving_ && !outbox.is_full() && monotonic_now() < commit_began_ + longest_commit;
        if (may_go_on && store_.is_writing()) return;
        store_.end_commit();
        outbox.send();
        const Time now = monotonic_now();
        service_.pruning().tick(now);
        gossip_.tick();
        outbox.close();
        commit_began_ = now;
        const bool is_loaded = std::exchange(delivered_, 0) >= few && !is_leaving_;
        if (!store_.commit_if_due(now, is_loaded)) outbox.send();
    }
    /// Runs one turn of the event loop: one read, at most one commit, and one write.
    void run_once() {
        host_->begin_turn();
        connection_.receive();
        if (port_) port_->receive(!mailbox_.has_waiting());
        // Without commits, a turn is short: clients process the first answers while this node
        // processes their next requests.
        constexpr Duration short_turn = std::chrono::microseconds{250};
        delivered_ +=
            mailbox_.deliver(store_.is_durable() ? crdt::nats::Mailbox::max_turn : short_turn);
        service_.poll(monotonic_now());
        commit();
        connection_.send();
        if (port_) port_->send();
        mailbox_.release();
        host_->end_turn();
        if (connection_.is_refused())
            throw crdt::nats::NatsError("NATS: the servers do not accept this node any more");
    }
    /// Returns whether the node has caught up with its peers after its start, or has waited long
    /// enough.
    bool has_settled() const {
        constexpr Duration quiet_start = std::chrono::milliseconds{500},
                           longest_start = std::chrono::milliseconds{3000};
        // Peers answer the first heartbeat of this node immediately, except while they make their
        // own connections. So a node without members waits longer.
        constexpr Duration lonely_start = crdt::nats::Members::shortest_interval + quiet_start;
        const auto now = monotonic_now();
        const Duration age = now - began_;
        const Duration start = gossip_.members().all().empty() ? lonely_start : quiet_start;
        // A large state takes longer to receive. After this time, the node answers with the state
        // that it has.
        constexpr Duration longest_catching_up = std::chrono::milliseconds{60'000};
        const Duration end = gossip_.endpoint().replicator().is_catching_up(now)
                                 ? longest_catching_up
                                 : longest_start;
        return age >= end || (age >= start && gossip_.is_quiet());
    }

    /// Answers the requests that have arrived, and sends peers the changes that they lack until
    /// they have acknowledged them. Then leaves the cluster. Each step has a timeout.
    void leave() {
        constexpr Duration timeout = std::chrono::milliseconds{2000};
        const auto run_until = [&](auto&& done) {
            const Time until = monotonic_now() + timeout;
            do run_once();
            while (!done() && monotonic_now() < until && !wait(false));
        };
        is_leaving_ = true;
        host_->health.set_obstacle("leaving the cluster");
        service_.drain();
        run_until([&] { return service_.is_drained(); });
        service_.reject_pending();
        run_once();
        if (port_) port_->disconnect_all();
        service_.hand_over();
        run_until([&] { return gossip_.is_quiet(); });
        gossip_.leave();
        store_.commit();
        service_.outbox().close();
        service_.outbox().send();
        // A turn would send a heartbeat, which makes this node a member again.
        for (const Time until = monotonic_now() + timeout;
             !connection_.is_connected() && monotonic_now() < until;)
            if (connection_.receive(); host_->wait(until, connection_.file())) break;
        connection_.flush(1000);
    }

  public:
    /// Loads the state, binds the port for clients, and subscribes to the messages of peers and to
    /// the requests to this node. `host` and `connection` must outlive this object.
    Daemon(const Flags& flags, const JsonLog& log, Host& host, crdt::nats::Connection& connection)
        : host_(&host),
          connection_(connection),
          mailbox_([this, log](const auto& message, const auto& error) {
              on_error(log, message, error);
          }),
          gossip_(connection_, mailbox_, {flags.cluster, flags.node}, flags.gossip(), log),
          store_(
              gossip_, flags.data, flags.trust_data,
              [this](const CounterKey& key) { service_.on_change(key); },
              [this] { host_->wake(); }),
          port_(flags.client_port == 0 ? std::nullopt
                                       : std::make_optional<ClientPort>(flags.clients())),
          service_(connection_, mailbox_, port_ ? &*port_ : nullptr, gossip_, store_,
                   flags.rate_limit, std::chrono::milliseconds{flags.forget_after_s * 1000}, log) {
        service_.all_metrics = [this] { return metrics(); };
        host_->health.set_obstacle("starting: it receives the counters of its peers");
        host_->set_pages(
            [this] {
                return Page{200, page(metrics())};
            },
            [this] { return connection_.is_connected(); });
    }

    /// Runs until a signal requests the end, then leaves the cluster.
    void run() {
        bool settled = false;
        do {
            run_once();
            if (!settled && (settled = has_settled())) {
                service_.open();
                host_->health.set_obstacle("");
            }
        } while (!wait(settled));
        leave();
    }
};

}  // namespace counterd
