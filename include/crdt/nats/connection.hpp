// SPDX-License-Identifier: MIT
//! Connection: a connection to a NATS cluster that reconnects without limit.
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
#include <crdt/nats/reconnection.hpp>
#include <crdt/nats/server_list.hpp>
#include <crdt/nats/socket_poll.hpp>
#include <crdt/nats/subscription_handle.hpp>
#include <crdt/replication/time.hpp>
#include <crdt/system/clock.hpp>
#include <crdt/system/log_level.hpp>

namespace crdt::nats {

/// A connection. After a disconnection it tries to reconnect to the known servers forever.
/// Meanwhile it holds up to 1 MiB of published messages. Further messages are dropped and counted.
///
/// If the owner polls, it waits for file(), calls receive(), and calls send() after it has
/// published. No thread stands between the socket and the owner, so a turn of the owner reads and
/// writes once. Each reconnection then makes a new connection of the C library, because the library
/// would read what arrives on the new socket as the rest of a message that was cut off. It tries
/// the configured servers, and those that the last server has announced.
///
/// Threads  all members are for the owner's thread; threads of the C library call `log`
/// Cost     publish() copies the bytes. It blocks for up to 2 s while the server reads nothing. If
///          the owner polls, it does not block, and drops messages above 64 MiB
/// Errors   the constructor throws NatsError if no server accepts this client; later errors are
///          logged, and those of servers and of messages are counted
class Connection {
  public:
    /// Receives log lines, from any thread.
    using Log = detail::ConnectionEvents::Log;

    /// Connects, and blocks until it is connected. Throws NatsError if that fails.
    Connection(const ConnectionOptions& options, Log log)
        : options_(options), servers_(options.urls), events_(std::move(log), [this] {
              if (socket_) socket_->wake();
          }) {
        if (options.owner_polls) socket_.emplace(detail::uses_tls(options));
        on_connected(open(options_));
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    /// Closes. All subscriptions must have been destroyed. Blocks for up to 2 s while it
    /// reconnects.
    ~Connection() {
        if (reconnection_) {
            connection_ = reconnection_->stop();
            if (connection_) held_.publish_all(handle());
        }
        send();
        if (!connection_) return;
        natsConnection_Close(connection_.get());
        events_.await_closed();
    }

    /// The connection of the C library. This object still owns it. If the owner polls, it is null
    /// while there is no connection, and changes in receive().
    natsConnection* handle() const { return connection_.get(); }

    /// A file descriptor for poll(2), readable while receive() has work, or when there is room for
    /// output that was waiting for it; -1 unless the owner polls.
    int file() const { return socket_ ? socket_->file() : -1; }
    /// Reads what has arrived, if the owner polls, and answers pings. Connects again if the
    /// connection was lost. Does not block, except that writing with TLS can block for up to 2 s.
    /// Reads for about 4 ms at most. Throws std::system_error if the system has no thread to
    /// connect again; the next call then tries it.
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
    /// Writes what was published, if the owner polls. Does not block.
    void send() {
        if (!socket_ || !connection_) return;
        socket_->send(handle());
        if (!socket_->has_output()) unwritten_ = 0;
    }

    /// Queues a message to be sent. If it cannot be queued, returns false and counts it.
    bool publish(const std::string& subject, std::string_view bytes) {
        return request(subject, {}, bytes);
    }
    /// Queues a message that expects a reply on the subject `reply`. Otherwise like publish().
    bool request(const std::string& subject, const std::string& reply, std::string_view bytes) {
        natsStatus status = NATS_CONNECTION_CLOSED;
        if (connection_)
            status = has_room(bytes.size()) ? detail::publish(handle(), subject, reply, bytes)
                                            : NATS_INSUFFICIENT_BUFFER;
        if (socket_ && !is_refused_ && status == NATS_CONNECTION_CLOSED)
            status = held_.hold(subject, reply, bytes) ? NATS_OK : NATS_INSUFFICIENT_BUFFER;
        if (status != NATS_OK) events_.on_unsent(status, subject, is_connected());
        return status == NATS_OK;
    }
    /// Blocks until the server has received all published messages. Returns false after `timeout`
    /// milliseconds, or when the connection is lost.
    bool flush(std::int64_t timeout) {
        if (!connection_) return false;
        const auto flush = [&] {
            return natsConnection_FlushTimeout(handle(), timeout) == NATS_OK;
        };
        if (!socket_) return flush();
        // The reply of the server arrives here. receive() could replace the connection meanwhile.
        auto flushed = std::async(std::launch::async, flush);
        do {
            socket_->receive(handle());
            send();
        } while (flushed.wait_for(std::chrono::milliseconds{1}) != std::future_status::ready);
        return flushed.get();
    }
    /// Subscribes, now and after each reconnection. Throws NatsError if that fails; but if the
    /// owner polls, the connection may be lost now. The subscription must stay valid until
    /// remove(). For Subscription.
    void add(detail::SubscriptionHandle& subscription) {
        try {
            if (connection_) subscription.open(handle());
        } catch (const NatsError& error) {
            if (!socket_ || error.status() != NATS_CONNECTION_CLOSED) throw;
        }
        subscriptions_.push_back(&subscription);
    }
    /// Unsubscribes.
    void remove(detail::SubscriptionHandle& subscription) {
        std::erase(subscriptions_, &subscription);
        subscription.close();
    }

    /// Returns whether the connection is open now.
    bool is_connected() const {
        return connection_ && natsConnection_Status(handle()) == NATS_CONN_STATUS_CONNECTED;
    }
    /// Returns whether the servers refused this client in two attempts to reconnect, because of its
    /// user. Then there are no more attempts.
    bool is_refused() const {
        return is_refused_ || (!socket_ && natsConnection_IsClosed(handle()));
    }
    /// The size of the largest message that the server accepts, or that the last one accepted.
    std::size_t max_payload() const { return connection_ ? max_payload_now() : max_payload_; }
    /// The number of reconnections.
    std::uint64_t reconnects() const { return events_.reconnects(); }
    /// The counts so far.
    ConnectionMetrics metrics() const {
        ConnectionMetrics result = traffic_;
        if (connection_) detail::add_traffic(handle(), result);
        events_.report(result);
        return result;
    }

  private:
    /// The limit of what is published and not written, if the owner polls.
    static constexpr std::size_t max_unwritten = std::size_t{1} << 26U;

    ConnectionOptions options_;
    detail::ServerList servers_;
    std::optional<detail::SocketPoll> socket_;
    detail::ConnectionEvents events_;
    bool is_refused_ = false;
    std::size_t unwritten_ = 0, max_payload_ = 0;
    replication::Time connected_at_{};
    /// The counts of earlier connections of the C library.
    ConnectionMetrics traffic_;
    detail::HeldMessages held_;
    std::vector<detail::SubscriptionHandle*> subscriptions_;
    detail::ConnectionHandle connection_;
    std::optional<detail::Reconnection> reconnection_;

    /// Connects. Any thread may call this.
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
    /// The C library has closed the connection, which the owner polled.
    void on_lost() {
        events_.await_closed();
        socket_->acknowledge();
        detail::add_traffic(handle(), traffic_);
        for (detail::SubscriptionHandle* each : subscriptions_) each->close();
        const detail::ConnectionHandle lost = std::move(connection_);
        events_.reset();
        unwritten_ = 0;
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
        // A server that soon ends each connection is not contacted all the time.
        const bool was_short = system::monotonic_now() < connected_at_ + std::chrono::seconds{1};
        reconnection_.emplace(
            detail::Reconnection::Actions{connect, report, [this] { socket_->wake(); }},
            servers_.size(), was_short);
        trying_again.dismiss();
    }
    /// A server has accepted or refused this client.
    void on_finished() {
        socket_->acknowledge();
        detail::ConnectionHandle made = reconnection_->stop();
        is_refused_ = !made;
        if (is_refused_)
            return events_.log(system::LogLevel::error, "NATS: " + reconnection_->refusal());
        reconnection_.reset();
        on_connected(std::move(made));
        // If it is lost again already, or closed here, the owner must not wait.
        const crdt::detail::OnFailure at_the_end([this]() noexcept {
            if (natsConnection_IsClosed(handle())) socket_->wake();
        });
        crdt::detail::OnFailure closing([this]() noexcept { natsConnection_Close(handle()); });
        if (!subscribe_all()) return;
        events_.count_unsent(held_.publish_all(handle()));
        events_.reconnected(handle());
        send();
        closing.dismiss();
    }
    /// Returns false if there is no memory, or no connection any more. An invalid subscription,
    /// made during the outage, is logged and left out.
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

    bool has_room(std::size_t bytes) {
        if (!socket_) return true;
        if (bytes > max_unwritten - unwritten_) return false;
        unwritten_ += bytes;
        return true;
    }
};

}  // namespace crdt::nats
