// SPDX-License-Identifier: MIT
//! Connection: a connection to a NATS cluster that reconnects without limit.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <crdt/nats/connection_options.hpp>
#include <crdt/nats/connection_settings.hpp>
#include <crdt/nats/handle.hpp>
#include <crdt/nats/socket_poll.hpp>
#include <crdt/system/log_level.hpp>

namespace crdt::nats {

/// A connection. After a disconnection it tries to reconnect to the known servers forever.
/// Meanwhile it buffers up to 1 MiB of published messages. Further messages are dropped and
/// counted.
///
/// If the owner polls, it waits for file(), calls receive(), and calls send() after it has
/// published. No thread stands between the socket and the owner, so a turn of the owner reads and
/// writes once.
///
/// Threads  publish(), request(), receive() and send() are for the owner's thread; threads of the C
///          library call `log`
/// Cost     publish() copies the bytes. It blocks for up to 2 s while the server reads nothing. If
///          the owner polls, it does not block, and drops messages above 64 MiB
/// Errors   the constructor throws NatsError if no server accepts this client; later errors are
///          logged and counted
class Connection {
  public:
    /// Receives log lines, from any thread.
    using Log = std::function<void(system::LogLevel, const std::string&)>;

    /// Connects, and blocks until it is connected. Throws NatsError if that fails.
    Connection(const ConnectionOptions& options, Log log) : log_(std::move(log)) {
        const auto settings = detail::connection_settings(options);
        if (options.owner_polls) socket_.emplace().use(settings.get());
        set_callbacks(settings.get());
        natsConnection* connection = nullptr;
        detail::expect_ok(natsConnection_Connect(&connection, settings.get()),
                          "connecting to NATS at " + detail::without_logins(options.urls));
        connection_.reset(connection);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    /// Closes. All subscriptions must have been destroyed.
    ~Connection() {
        send();
        natsConnection_Close(connection_.get());
        std::unique_lock lock(mutex_);
        closing_.wait(lock, [this] { return closed_; });
    }

    /// The connection of the C library. This object still owns it.
    natsConnection* handle() const { return connection_.get(); }

    /// A file descriptor for poll(2), readable while receive() or send() has work; -1 unless the
    /// owner polls.
    int file() const { return socket_ ? socket_->file() : -1; }
    /// Reads what has arrived, if the owner polls. Does not block. Reads at most 1 MiB.
    void receive() {
        if (socket_) socket_->receive(handle());
    }
    /// Writes what was published, if the owner polls. Does not block.
    void send() {
        if (!socket_) return;
        socket_->send(handle());
        if (!socket_->has_output()) unwritten_ = 0;
    }

    /// Queues a message to be sent. If it cannot be queued, returns false and counts it.
    bool publish(const std::string& subject, std::string_view bytes) {
        const natsStatus status =
            has_room(bytes.size())
                ? natsConnection_Publish(connection_.get(), subject.c_str(), bytes.data(),
                                         static_cast<int>(bytes.size()))
                : NATS_INSUFFICIENT_BUFFER;
        return count_unsent(status, subject);
    }
    /// Queues a message that expects a reply on the subject `reply`. Otherwise like publish().
    bool request(const std::string& subject, const std::string& reply, std::string_view bytes) {
        const natsStatus status =
            has_room(bytes.size())
                ? natsConnection_PublishRequest(connection_.get(), subject.c_str(), reply.c_str(),
                                                bytes.data(), static_cast<int>(bytes.size()))
                : NATS_INSUFFICIENT_BUFFER;
        return count_unsent(status, subject);
    }
    /// Blocks until the server has received all published messages. Returns false after `timeout`
    /// milliseconds.
    bool flush(std::int64_t timeout) {
        const auto flush = [&] {
            return natsConnection_FlushTimeout(connection_.get(), timeout) == NATS_OK;
        };
        if (!socket_) return flush();
        // The reply of the server arrives by receive(), in this thread.
        auto flushed = std::async(std::launch::async, flush);
        do {
            receive();
            send();
        } while (flushed.wait_for(std::chrono::milliseconds{1}) != std::future_status::ready);
        return flushed.get();
    }

    /// Returns whether the connection is open now.
    bool is_connected() const {
        return natsConnection_Status(connection_.get()) == NATS_CONN_STATUS_CONNECTED;
    }
    /// The size of the largest message that the server accepts.
    std::size_t max_payload() const {
        return static_cast<std::size_t>(natsConnection_GetMaxPayload(connection_.get()));
    }
    /// The number of reconnections.
    std::uint64_t reconnects() const { return reconnects_; }
    /// The counts so far.
    ConnectionMetrics metrics() const {
        ConnectionMetrics result{reconnects_, slow_consumer_, refused_, unsent_};
        natsStatistics* made = nullptr;
        if (natsStatistics_Create(&made) != NATS_OK) return result;
        const detail::Handle<natsStatistics, natsStatistics_Destroy> statistics(made);
        natsConnection_GetStats(connection_.get(), made);
        natsStatistics_GetCounts(made, &result.messages_in, &result.bytes_in, &result.messages_out,
                                 &result.bytes_out, nullptr);
        return result;
    }

  private:
    /// The limit of what is published and not written, if the owner polls.
    static constexpr std::size_t max_unwritten = std::size_t{1} << 26U;

    Log log_;
    std::atomic<std::uint64_t> reconnects_{0}, slow_consumer_{0}, refused_{0}, unsent_{0};
    std::mutex mutex_;
    std::condition_variable closing_;
    bool closed_ = false;
    std::optional<detail::SocketPoll> socket_;
    std::size_t unwritten_ = 0;
    detail::Handle<natsConnection, natsConnection_Destroy> connection_;

    void set_callbacks(natsOptions* settings) {
        natsOptions_SetErrorHandler(settings, on_error, this);
        natsOptions_SetDisconnectedCB(settings, on_disconnected, this);
        natsOptions_SetReconnectedCB(settings, on_reconnected, this);
        natsOptions_SetClosedCB(settings, on_closed, this);
    }

    bool has_room(std::size_t bytes) {
        if (!socket_) return true;
        if (bytes > max_unwritten - unwritten_) return false;
        unwritten_ += bytes;
        return true;
    }
    bool count_unsent(natsStatus status, const std::string& subject) {
        if (status == NATS_OK) return true;
        // Logs an outage once, and not for each message.
        if (++unsent_ == 1 || is_connected())
            log_(system::LogLevel::warning,
                 "not sent to " + subject + ": " + natsStatus_GetText(status));
        return false;
    }

    static Connection& self(void* closure) { return *static_cast<Connection*>(closure); }

    static void on_error(natsConnection* connection, natsSubscription* subscription,
                         natsStatus error, void* closure) {
        Connection& me = self(closure);
        ++(error == NATS_SLOW_CONSUMER ? me.slow_consumer_ : me.refused_);
        const char* text = nullptr;
        natsConnection_GetLastError(connection, &text);
        std::string what = natsStatus_GetText(error);
        if (error == NATS_SLOW_CONSUMER && subscription != nullptr)
            what += std::string(", messages dropped: ") + natsSubscription_GetSubject(subscription);
        else if (text != nullptr && *text != '\0')
            what += std::string(": ") + text;
        me.log_(system::LogLevel::warning, "NATS: " + what);
    }
    static void on_disconnected(natsConnection* connection, void* closure) {
        if (!natsConnection_IsClosed(connection))  // else the destructor closed it
            self(closure).log_(system::LogLevel::warning, "NATS: disconnected");
    }
    static void on_reconnected(natsConnection* connection, void* closure) {
        Connection& me = self(closure);
        ++me.reconnects_;
        char id[64] = "";
        natsConnection_GetConnectedServerId(connection, id, sizeof id);
        me.log_(system::LogLevel::warning, std::string("NATS: reconnected to server ") + id);
    }
    /// The C library calls this last.
    static void on_closed(natsConnection*, void* closure) {
        Connection& me = self(closure);
        const std::lock_guard lock(me.mutex_);
        me.closed_ = true;
        me.closing_.notify_all();
    }
};

}  // namespace crdt::nats
