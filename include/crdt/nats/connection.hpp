// SPDX-License-Identifier: MIT
//! Connection: a connection to a NATS cluster. It reconnects without a limit of attempts.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/detail/failure.hpp>
#include <crdt/nats/connection_events.hpp>
#include <crdt/nats/connection_options.hpp>
#include <crdt/nats/connection_settings.hpp>
#include <crdt/nats/handle.hpp>
#include <crdt/nats/held_messages.hpp>
#include <crdt/nats/outgoing.hpp>
#include <crdt/nats/reconnection.hpp>
#include <crdt/nats/server_list.hpp>
#include <crdt/nats/socket_poll.hpp>
#include <crdt/nats/subscription_handle.hpp>
#include <crdt/replication/time.hpp>
#include <crdt/system/clock.hpp>
#include <crdt/system/log_level.hpp>

namespace crdt::nats {

/// A connection to a NATS cluster. After a disconnection, it tries to reconnect until either a
/// server accepts the client or servers refuse its user. During an outage it holds up to 1 MiB of
/// published messages. Further messages are dropped and counted.
///
/// With ConnectionOptions::owner_polls, the owner waits for file(), calls receive(), and calls
/// send() after it has published. There is no other thread between the socket and the owner, so the
/// owner reads once and writes once per pass of its loop. In this mode each reconnection makes a
/// new connection of the C library. The library cannot continue with the old one: if a message was
/// cut off, the library would read the bytes of the new socket as the rest of that message. A
/// reconnection tries the configured servers, and the servers that the last server has announced.
/// After collect(), the owner decides when messages are published, for instance once what they
/// report is durable.
///
/// Threads  only the thread of the owner may call members; threads of the C library may call `log`
/// Cost     publish() copies the bytes. If the server reads nothing, publish() blocks for up to 2
///          s. If the owner polls, publish() does not block, and drops a message if more than 64
///          MiB would wait to be written, or would be collected
/// Errors   the constructor throws NatsError if no server accepts this client; later errors are
///          logged, and errors of servers and of messages are also counted
class Connection {
  public:
    /// A function that receives log lines. Any thread may call it.
    using Log = detail::ConnectionEvents::Log;
    /// Messages that were collected; see collect().
    using Collected = detail::HeldMessages;

    /// Connects to a server. Blocks until the connection is made. Throws NatsError on failure.
    Connection(const ConnectionOptions& options, Log log)
        : options_(options),
          servers_(options.urls),
          events_(std::move(log),
                  [this] {
                      if (socket_) socket_->wake();
                  }),
          outgoing_(options.owner_polls) {
        if (options.owner_polls) socket_.emplace(detail::uses_tls(options));
        on_connected(open(options_));
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    /// Closes the connection. During an attempt to reconnect, blocks for up to 2 s. Precondition:
    /// all subscriptions have been destroyed.
    ~Connection() {
        if (reconnection_) {
            connection_ = reconnection_->stop();
            if (connection_) outgoing_.end_outage(handle());
        }
        send();
        if (!connection_) return;
        natsConnection_Close(connection_.get());
        events_.await_closed();
    }

    /// Returns the connection of the C library, which this object still owns. If the owner polls,
    /// the result is null during an outage, and receive() may replace the connection.
    natsConnection* handle() const { return connection_.get(); }

    /// Returns a file descriptor for poll(2). The descriptor is readable while receive() has work.
    /// If output waits for room in the socket, the descriptor is also readable when there is room.
    /// If the owner does not poll, returns -1.
    int file() const { return socket_ ? socket_->file() : -1; }
    /// If the owner polls, reads the messages that have arrived, for about 4 ms at most, and
    /// answers pings. If the connection was lost, begins to reconnect. Does not block, except that
    /// writing with TLS can block for up to 2 s. Throws std::system_error if the system has no
    /// thread for the reconnection. The next call then tries again.
    void receive() {
        if (!socket_ || is_refused_) return;
        if (connection_ && !events_.is_closed()) {
            socket_->receive(handle());
            return send();
        }
        if (connection_) on_lost();
        if (!reconnection_) reconnect();
        if (reconnection_->is_finished()) on_finished();
    }
    /// If the owner polls, writes the published messages. Does not block.
    void send() {
        if (!socket_ || !connection_) return;
        socket_->send(handle());
        if (!socket_->has_output()) outgoing_.on_empty();
    }

    /// Queues a message to `subject` with the payload `bytes`. If it cannot be queued, counts the
    /// message as unsent and returns false.
    bool publish(const std::string& subject, std::string_view bytes) {
        return request(subject, {}, bytes);
    }
    /// Does the same as publish(), for a message that expects a reply on the subject `reply`.
    bool request(const std::string& subject, const std::string& reply, std::string_view bytes) {
        return is_sent(outgoing_.publish(handle(), subject, reply, bytes), subject);
    }
    /// Makes publish() and request() collect messages from now on. They are published when the
    /// owner passes them to publish_collected(). Precondition: the owner polls.
    void collect() { outgoing_.collect(); }
    /// Moves the messages that were collected since the last call to `empty`. Precondition: `empty`
    /// contains no messages.
    void take_collected(Collected& empty) { outgoing_.take_collected(empty); }
    /// Returns the size of the collected messages, in bytes.
    std::size_t size_of_collected() const { return outgoing_.size_of_collected(); }
    /// Publishes and removes the messages of a collection. Messages that cannot be queued are
    /// counted as unsent.
    void publish_collected(Collected& messages) {
        messages.publish_all([this](const auto& subject, const auto& reply, const auto& bytes) {
            is_sent(outgoing_.publish_now(handle(), subject, reply, bytes), subject);
        });
    }
    /// Blocks until the server has received all published messages. If this takes longer than
    /// `timeout` milliseconds, or if the connection is lost, returns false.
    bool flush(std::int64_t timeout) {
        if (!connection_) return false;
        const auto flush = [&] {
            return natsConnection_FlushTimeout(handle(), timeout) == NATS_OK;
        };
        if (!socket_) return flush();
        // A second thread waits for the reply of the server. This thread reads the reply with
        // SocketPoll::receive(), because Connection::receive() could replace the connection.
        auto flushed = std::async(std::launch::async, flush);
        do {
            socket_->receive(handle());
            send();
        } while (flushed.wait_for(std::chrono::milliseconds{1}) != std::future_status::ready);
        return flushed.get();
    }
    /// Opens `subscription`, now and after each reconnection. Throws NatsError on failure. But if
    /// the owner polls and the connection is lost, does not throw. `subscription` must stay valid
    /// until remove(). Only Subscription uses this function.
    void add(detail::SubscriptionHandle& subscription) {
        try {
            if (connection_) subscription.open(handle());
        } catch (const NatsError& error) {
            if (!socket_ || error.status() != NATS_CONNECTION_CLOSED) throw;
        }
        subscriptions_.push_back(&subscription);
    }
    /// Closes `subscription`, and does not open it again.
    void remove(detail::SubscriptionHandle& subscription) {
        std::erase(subscriptions_, &subscription);
        if (!socket_) subscription.stop(handle());
        subscription.close();
    }

    /// Is the connection open now?
    bool is_connected() const {
        return connection_ && natsConnection_Status(handle()) == NATS_CONN_STATUS_CONNECTED;
    }
    /// Have servers refused the user of this client in two attempts to reconnect? If so, there are
    /// no more attempts.
    bool is_refused() const {
        return is_refused_ || (!socket_ && natsConnection_IsClosed(handle()));
    }
    /// Returns the size of the largest message that the server accepts. During an outage, this is
    /// the value of the last server.
    std::size_t max_payload() const { return connection_ ? max_payload_now() : max_payload_; }
    /// Returns the number of reconnections.
    std::uint64_t reconnects() const { return events_.reconnects(); }
    /// Returns the counts since the construction.
    ConnectionMetrics metrics() const {
        ConnectionMetrics result = traffic_;
        if (connection_) detail::add_traffic(handle(), result);
        events_.report(result);
        return result;
    }

  private:
    ConnectionOptions options_;
    detail::ServerList servers_;
    std::optional<detail::SocketPoll> socket_;
    detail::ConnectionEvents events_;
    bool is_refused_ = false;
    std::size_t max_payload_ = 0;
    replication::Time connected_at_{};
    /// The counts of messages and bytes of earlier connections of the C library.
    ConnectionMetrics traffic_;
    detail::Outgoing outgoing_;
    std::vector<detail::SubscriptionHandle*> subscriptions_;
    detail::ConnectionHandle connection_;
    std::optional<detail::Reconnection> reconnection_;

    /// Connects to a server and returns the connection. Any thread may call this function.
    detail::ConnectionHandle open(const ConnectionOptions& options, const std::string& name = "") {
        const auto settings = detail::connection_settings(options, name);
        if (socket_) socket_->use(settings.get());
        events_.use(settings.get());
        natsConnection* connection = nullptr;
        detail::expect_ok(natsConnection_Connect(&connection, settings.get()),
                          "connecting to NATS at " + detail::without_logins(options.urls));
        return detail::ConnectionHandle(connection);
    }
    void on_connected(detail::ConnectionHandle connection) {
        connection_ = std::move(connection);
        connected_at_ = system::monotonic_now();
        servers_.on_connected(handle());
        max_payload_ = max_payload_now();
    }
    std::size_t max_payload_now() const {
        return static_cast<std::size_t>(natsConnection_GetMaxPayload(handle()));
    }
    /// Drops a connection that the C library has closed. Precondition: the owner polls.
    void on_lost() {
        events_.await_closed();
        socket_->acknowledge();
        detail::add_traffic(handle(), traffic_);
        for (detail::SubscriptionHandle* each : subscriptions_) each->close();
        const detail::ConnectionHandle lost = std::move(connection_);
        events_.reset();
        outgoing_.on_empty();
        events_.lost(lost.get());
        servers_.on_lost(lost.get());
    }
    void reconnect() {
        crdt::detail::OnFailure trying_again([this]() noexcept { socket_->wake(); });
        const auto connect = [this, options = options_, servers = servers_](std::size_t server) {
            ConnectionOptions one = options;
            one.urls = {servers.url(server)};
            return open(one, servers.certified_name(server));
        };
        const auto report = [this](const std::string& failure) {
            events_.log(system::LogLevel::warning, failure);
        };
        // After a short connection there is a pause, because a server may end each connection soon.
        const bool was_short = system::monotonic_now() < connected_at_ + std::chrono::seconds{1};
        reconnection_.emplace(
            detail::Reconnection::Actions{connect, report, [this] { socket_->wake(); }},
            servers_.size(), was_short);
        trying_again.dismiss();
    }
    /// Ends the reconnection, because a server has accepted this client or servers have refused it.
    void on_finished() {
        socket_->acknowledge();
        detail::ConnectionHandle made = reconnection_->stop();
        is_refused_ = !made;
        if (is_refused_) {
            outgoing_.give_up();
            return events_.log(system::LogLevel::error, "NATS: " + reconnection_->refusal());
        }
        reconnection_.reset();
        on_connected(std::move(made));
        // If the new connection is already lost, or is closed below, the owner must call receive()
        // again.
        const crdt::detail::OnFailure at_the_end([this]() noexcept {
            if (natsConnection_IsClosed(handle())) socket_->wake();
        });
        crdt::detail::OnFailure closing([this]() noexcept { natsConnection_Close(handle()); });
        if (!subscribe_all()) return;
        events_.count_unsent(outgoing_.end_outage(handle()));
        events_.reconnected(handle());
        send();
        closing.dismiss();
    }
    /// Opens all subscriptions on the new connection. If memory runs out or the connection is lost,
    /// returns false. If a subscription that was made during the outage is invalid, logs the error
    /// and continues.
    bool subscribe_all() {
        for (detail::SubscriptionHandle* each : subscriptions_) {
            try {
                each->open(handle());
            } catch (const NatsError& error) {
                events_.log(system::LogLevel::error, error.what());
                if (error.status() == NATS_NO_MEMORY || natsConnection_IsClosed(handle()))
                    return false;
            }
        }
        return true;
    }

    /// Counts a message as unsent if `status` is an error.
    bool is_sent(natsStatus status, const std::string& subject) {
        if (status != NATS_OK) events_.on_unsent(status, subject, is_connected());
        return status == NATS_OK;
    }
};

}  // namespace crdt::nats
