// SPDX-License-Identifier: MIT
//! Daemon: the node, and the loop of the one thread that owns its state.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <crdt/nats/connection.hpp>
#include <crdt/nats/gossip.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/message.hpp>
#include <crdt/store/file.hpp>

#include "counter_store.hpp"
#include "flags.hpp"
#include "json_log.hpp"
#include "metrics.hpp"
#include "metrics_server.hpp"
#include "service.hpp"

namespace counterd {

/// SIGTERM and SIGINT, as something to wait for. Made before any thread is.
class Signals {
    int file_;

  public:
    Signals() {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGINT);
        ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        file_ = ::signalfd(-1, &signals, SFD_CLOEXEC);
        if (file_ < 0) throw std::runtime_error("signalfd");
    }
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    ~Signals() { ::close(file_); }

    int file() const { return file_; }
    /// One that has come.
    void take() const {
        signalfd_siginfo ignored;
        [[maybe_unused]] const auto size = ::read(file_, &ignored, sizeof ignored);
    }
};

/// A node of the service.
class Daemon {
    Signals signals_;
    crdt::nats::Connection connection_;
    crdt::nats::Mailbox mailbox_;
    Gossip gossip_;
    CounterStore store_;
    Service service_;
    std::unique_ptr<MetricsServer> metrics_server_;
    Time began_ = monotonic_now();

    static crdt::nats::ConnectionOptions named(crdt::nats::ConnectionOptions options,
                                               const std::string& name) {
        options.name = name;
        return options;
    }

    Metrics metrics() const {
        const auto& engine = gossip_.replication_metrics();
        const auto gossip = gossip_.metrics();
        const auto net = connection_.metrics();
        Metrics all{
            {"members", "Other nodes of the cluster", gossip_.members().all().size()},
            {"peer_messages_sent_total", "Messages to peers", engine.messages_sent},
            {"peer_messages_received_total", "Messages of peers", engine.messages_received},
            {"peer_bytes_sent_total", "Bytes to peers", gossip.bytes_sent},
            {"peer_bytes_received_total", "Bytes of peers", gossip.bytes_received},
            {"peer_retransmissions_total", "Changes sent again", engine.retransmissions},
            {"peer_digests_sent_total", "Questions by digest", engine.digests_sent},
            {"peer_epoch_changes_total", "Peers that began anew", engine.epoch_changes},
            {"peer_conflicts_total", "Changes refused: a replica in two places", engine.conflicts},
            {"peer_divergences_total", "States that differ for good: a replica in two places",
             engine.divergences},
            {"peer_malformed_total", "Messages that were not of this cluster", gossip.malformed},
            {"peer_unknown_senders_total", "Messages of nodes not known yet",
             gossip.unknown_senders},
            {"peer_lost_total", "Messages of peers dropped on arrival", gossip.dropped},
            {"peer_too_long_total", "Messages to and of peers that were too long", gossip.too_long},
            {"incarnations_refused_total", "Signs of life under the incarnation of another node",
             gossip.duplicate_incarnations},
            {"handler_errors_total", "Messages whose handling failed", mailbox_.errors()},
            {"duplicate_nodes_total", "Signs of life of another node of this name",
             gossip.duplicate_nodes},
            {"reincarnations_total", "Times that its past was not all known",
             gossip.reincarnations},
            {"nats_connected", "Is there a server?", connection_.is_connected()},
            {"nats_reconnects_total", "Servers found again", net.reconnects},
            {"nats_slow_consumer_total", "Times that messages were dropped", net.slow_consumer},
            {"nats_refused_total", "Other errors that servers told", net.refused},
            {"nats_unsent_total", "Messages that could not be sent", net.unsent},
            {"nats_messages_in_total", "Messages received", net.messages_in},
            {"nats_messages_out_total", "Messages sent", net.messages_out},
        };
        for (Metric& metric : service_.metrics()) all.push_back(std::move(metric));
        return all;
    }

    /// Until there is something to do; unless it has `settled`, a settle_poll. True if a signal
    /// asks for the end.
    bool wait(bool settled) {
        constexpr Duration settle_poll = std::chrono::milliseconds{20};
        const Time now = monotonic_now();
        Time until = gossip_.next_deadline();
        if (!settled) until = std::min(until, now + settle_poll);
        const auto consider = [&](std::optional<Time> due) {
            until = std::min(until, due.value_or(until));
        };
        consider(store_.next_deadline());
        consider(service_.next_deadline());
        if (metrics_server_) consider(metrics_server_->next_deadline(now));
        const auto wait =
            std::chrono::ceil<std::chrono::milliseconds>(std::max(until - now, Duration{}));
        std::array<pollfd, 3> files{
            pollfd{mailbox_.file(), POLLIN, 0}, pollfd{signals_.file(), POLLIN, 0},
            pollfd{metrics_server_ ? metrics_server_->file() : -1, POLLIN, 0}};
        ::poll(files.data(), files.size(), static_cast<int>(wait.count()));
        const bool asked = files[1].revents != 0;
        if (asked) signals_.take();
        return asked;
    }
    /// A message that cannot be handled is no reason to end. What the store says is: it is of no
    /// use from then on.
    void on_error(const JsonLog& log, const crdt::nats::NatsMessage& message,
                  const std::exception& error) {
        if (dynamic_cast<const crdt::store::FileError*>(&error) != nullptr) throw;
        store_.rewrite();
        if (mailbox_.errors() % 1000 == 1)
            log(crdt::system::LogLevel::error,
                std::string(message.subject()) + ": handling it failed: " + error.what() +
                    " (number " + std::to_string(mailbox_.errors()) + ")");
    }
    /// All that has come in is answered with one commit, and then peers hear of it.
    void run_once() {
        mailbox_.deliver();
        if (metrics_server_) metrics_server_->serve();
        service_.poll(monotonic_now());
        gossip_.tick();
    }
    /// A node that has just begun may know less than its peers.
    bool has_settled() const {
        constexpr Duration quiet_start = std::chrono::milliseconds{500},
                           longest_start = std::chrono::milliseconds{3000};
        // Peers who do not hear its hello are heard by theirs.
        constexpr Duration lonely_start = Gossip::heartbeat_interval + quiet_start;
        const Duration age = monotonic_now() - began_;
        const Duration start = gossip_.members().all().empty() ? lonely_start : quiet_start;
        // Much takes a while; but whoever is still at it then serves what there is.
        constexpr Duration longest_catching_up = std::chrono::milliseconds{60'000};
        const Duration end = gossip_.is_catching_up() ? longest_catching_up : longest_start;
        return age >= end || (age >= start && gossip_.is_quiet());
    }

    /// Clients are answered, and peers get what they lack, if they listen; then all know that this
    /// node is gone.
    void leave() {
        constexpr Duration patience = std::chrono::milliseconds{2000};
        const auto run_until = [&, until = monotonic_now() + patience](auto&& done) {
            do run_once();
            while (!done() && monotonic_now() < until && !wait(false));
        };
        service_.drain();
        run_until([&] { return service_.is_drained(); });
        service_.reject_pending();
        run_until([&] { return gossip_.is_quiet(); });
        gossip_.leave();
        store_.commit();
        connection_.flush(1000);
    }

  public:
    Daemon(const Flags& flags, const JsonLog& log)
        : connection_(named(flags.connection, flags.cluster + '.' + flags.node), log),
          mailbox_([this, log](const auto& message, const auto& error) {
              on_error(log, message, error);
          }),
          gossip_(connection_, mailbox_, {flags.cluster, flags.node}, flags.gossip(), log),
          store_(gossip_, flags.data, flags.trust_data,
                 [this](const CounterKey& key) { service_.on_change(key); }),
          service_(connection_, mailbox_, gossip_, store_, flags.rate_limit) {
        service_.all_metrics = [this] { return metrics(); };
        if (flags.metrics_port != 0)
            metrics_server_ = std::make_unique<MetricsServer>(flags.metrics_port,
                                                              [this] { return page(metrics()); });
    }

    /// Serves until a signal asks for the end, and leaves in peace.
    void run() {
        bool settled = false;
        do {
            run_once();
            if (!settled && (settled = has_settled())) service_.open();
        } while (!wait(settled));
        leave();
    }
};

}  // namespace counterd
