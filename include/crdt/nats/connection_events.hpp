// SPDX-License-Identifier: MIT
//! ConnectionEvents: logs and counts the events that the C library reports about a connection.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include <crdt/nats/connection_options.hpp>
#include <crdt/nats/handle.hpp>
#include <crdt/system/log_level.hpp>

namespace crdt::nats::detail {

/// Adds the counts of messages and bytes of `connection` to `sum`.
inline void add_traffic(natsConnection* connection, ConnectionMetrics& sum) {
    natsStatistics* made = nullptr;
    if (natsStatistics_Create(&made) != NATS_OK) return;
    const Handle<natsStatistics, natsStatistics_Destroy> statistics(made);
    natsConnection_GetStats(connection, made);
    std::uint64_t messages_in = 0, bytes_in = 0, messages_out = 0, bytes_out = 0;
    natsStatistics_GetCounts(made, &messages_in, &bytes_in, &messages_out, &bytes_out, nullptr);
    sum.messages_in += messages_in;
    sum.bytes_in += bytes_in;
    sum.messages_out += messages_out;
    sum.bytes_out += bytes_out;
}

/// The callbacks that the C library calls for one connection at a time.
///
/// Threads  any thread may call log(), lost() and the functions that count; only the thread of the
///          owner may call the other members
class ConnectionEvents {
  public:
    using Log = std::function<void(system::LogLevel, const std::string&)>;

    /// Makes callbacks that log with `log`. When is_closed() has become true, they call `wake`,
    /// which must not throw.
    ConnectionEvents(Log log, std::function<void()> wake)
        : log_(std::move(log)), wake_(std::move(wake)) {}
    ConnectionEvents(const ConnectionEvents&) = delete;
    ConnectionEvents& operator=(const ConnectionEvents&) = delete;

    /// Makes the library report the events of a connection with `settings` to this object. This
    /// object must outlive the connection.
    void use(natsOptions* settings) {
        natsOptions_SetErrorHandler(settings, on_error, this);
        natsOptions_SetDisconnectedCB(settings, on_disconnected, this);
        natsOptions_SetReconnectedCB(settings, on_reconnected, this);
        natsOptions_SetClosedCB(settings, on_closed, this);
    }

    void log(system::LogLevel level, const std::string& text) const { log_(level, text); }
    void count_unsent(std::size_t messages) { unsent_ += messages; }
    /// Counts a message to `subject` that was not sent because of `status`, and logs it.
    void on_unsent(natsStatus status, const std::string& subject, bool is_connected) {
        ++unsent_;
        // Without a connection, logs only the first unsent message of each outage.
        if (is_connected || !has_logged_outage_.exchange(true))
            log_(system::LogLevel::warning,
                 "not sent to " + subject + ": " + natsStatus_GetText(status));
    }
    /// Counts and logs a reconnection with `connection`.
    void reconnected(natsConnection* connection) {
        ++reconnects_;
        has_logged_outage_ = false;
        char id[64] = "";
        natsConnection_GetConnectedServerId(connection, id, sizeof id);
        log_(system::LogLevel::warning, std::string("NATS: reconnected to server ") + id);
    }
    /// Logs why `connection` was lost.
    void lost(natsConnection* connection) const {
        const char* ignored = nullptr;  // the text can be that of an earlier error
        const natsStatus why = natsConnection_GetLastError(connection, &ignored);
        log_(system::LogLevel::warning,
             std::string("NATS: disconnected: ") + natsStatus_GetText(why));
    }

    std::uint64_t reconnects() const { return reconnects_; }
    /// Writes the counts of events to `metrics`.
    void report(ConnectionMetrics& metrics) const {
        metrics.reconnects = reconnects_;
        metrics.slow_consumer = slow_consumer_;
        metrics.refused = refused_;
        metrics.unsent = unsent_;
    }

    /// Has the library closed the connection? The library does not reconnect a closed connection.
    bool is_closed() const { return closed_; }
    /// Blocks until is_closed() is true and the callback that sets it has ended.
    void await_closed() {
        std::unique_lock lock(mutex_);
        closing_.wait(lock, [this] { return is_closed(); });
    }
    /// Prepares this object for another connection. Precondition: is_closed().
    void reset() { closed_ = false; }

  private:
    Log log_;
    std::function<void()> wake_;
    std::atomic<std::uint64_t> reconnects_{0}, slow_consumer_{0}, refused_{0}, unsent_{0};
    std::mutex mutex_;
    std::condition_variable closing_;
    std::atomic<bool> closed_{false}, has_logged_outage_{false};

    static ConnectionEvents& self(void* closure) {
        return *static_cast<ConnectionEvents*>(closure);
    }

    static void on_error(natsConnection* connection, natsSubscription* subscription,
                         natsStatus error, void* closure) {
        ConnectionEvents& me = self(closure);
        ++(error == NATS_SLOW_CONSUMER ? me.slow_consumer_ : me.refused_);
        std::string what = std::string("NATS: ") + natsStatus_GetText(error);
        const char* about = nullptr;  // null, too, if the subscription is closed meanwhile
        if (error == NATS_SLOW_CONSUMER && subscription != nullptr)
            about = natsSubscription_GetSubject(subscription);
        else
            natsConnection_GetLastError(connection, &about);
        if (error == NATS_SLOW_CONSUMER) what += ", messages dropped";
        if (about != nullptr && *about != '\0') what += std::string(": ") + about;
        me.log_(system::LogLevel::warning, what);
    }
    static void on_disconnected(natsConnection* connection, void* closure) {
        if (!natsConnection_IsClosed(connection))  // else its owner has closed or lost it
            self(closure).log_(system::LogLevel::warning, "NATS: disconnected");
    }
    static void on_reconnected(natsConnection* connection, void* closure) {
        self(closure).reconnected(connection);
    }
    static void on_closed(natsConnection*, void* closure) {
        ConnectionEvents& me = self(closure);
        const std::lock_guard lock(me.mutex_);
        me.closed_ = true;
        me.wake_();
        me.closing_.notify_all();
    }
};

}  // namespace crdt::nats::detail
