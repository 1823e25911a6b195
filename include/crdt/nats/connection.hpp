// SPDX-License-Identifier: MIT
//! Connection: a way to a NATS server, which the library mends for ever.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <crdt/nats/handle.hpp>
#include <crdt/nats/login.hpp>
#include <crdt/system/log_level.hpp>

namespace crdt::nats {

/// Where to, and as whom.
struct ConnectionOptions {
    /// Of servers of one cluster, one of which is taken at random; those that it knows of are
    /// learnt. A user and a password, or a token, may stand in them, the same in all, with %XX for
    /// bytes that a URL cannot hold.
    std::vector<std::string> urls{"nats://127.0.0.1:4222"};
    /// What the servers show of this client.
    std::string name{};
    /// A file of credentials; none: what the url says.
    std::string credentials{};
    /// A file of authorities that sign servers' certificates. With it, or with a certificate,
    /// nothing is said without TLS.
    std::string authorities{};
    /// A file of the client's own certificate.
    std::string certificate{};
    /// A file of the key of that.
    std::string key{};
    /// Each message is sent by itself, at once; otherwise along with those of the next millisecond.
    bool at_once = false;
};

/// Counts since construction.
struct ConnectionMetrics {
    std::uint64_t reconnects = 0;     ///< servers found again, or others in their place
    std::uint64_t slow_consumer = 0;  ///< times that messages were dropped on arrival
    std::uint64_t refused = 0;        ///< other errors that the server told, permissions for one
    std::uint64_t unsent = 0;         ///< messages that could not be published
    std::uint64_t messages_in = 0;    ///< received
    std::uint64_t messages_out = 0;   ///< sent
    std::uint64_t bytes_in = 0;       ///< in those received
    std::uint64_t bytes_out = 0;      ///< in those sent
};

/// A connection. It reconnects without end, to any server that it knows of; what is published
/// meanwhile is kept up to a megabyte, and beyond that is as good as lost on the way.
///
/// Threads  publish() is for one thread; `log` is called by threads of the library, too
/// Cost     publish() copies; it waits, no longer than two seconds, if the server takes nothing
/// Errors   the constructor throws Error if no server takes this client; later ones are logged
class Connection {
  public:
    /// Takes lines of a log, from any thread.
    using Log = std::function<void(system::LogLevel, const std::string&)>;

    /// Connects.
    Connection(const ConnectionOptions& options, Log log) : log_(std::move(log)) {
        natsOptions* made = nullptr;
        detail::expect_ok(natsOptions_Create(&made), "NATS");
        const detail::Handle<natsOptions, natsOptions_Destroy> settings(made);
        set_place(made, options);
        set_security(made, options);
        set_patience(made);
        detail::expect_ok(natsOptions_SetSendAsap(made, options.at_once), "NATS");
        set_callbacks(made);
        natsConnection* connection = nullptr;
        detail::expect_ok(natsConnection_Connect(&connection, made), "connecting to NATS");
        connection_.reset(connection);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    /// The subscriptions must be gone before.
    ~Connection() {
        natsConnection_Close(connection_.get());
        std::unique_lock lock(mutex_);
        closing_.wait(lock, [this] { return closed_; });
    }

    /// For the functions of the library.
    natsConnection* handle() const { return connection_.get(); }

    /// Sends, sooner or later. False, and counted, if that can not be.
    bool publish(const std::string& subject, std::string_view bytes) {
        const natsStatus status = natsConnection_Publish(
            connection_.get(), subject.c_str(), bytes.data(), static_cast<int>(bytes.size()));
        return count_unsent(status, subject);
    }
    /// The same, and asks for an answer on `reply`.
    bool request(const std::string& subject, const std::string& reply, std::string_view bytes) {
        const natsStatus status =
            natsConnection_PublishRequest(connection_.get(), subject.c_str(), reply.c_str(),
                                          bytes.data(), static_cast<int>(bytes.size()));
        return count_unsent(status, subject);
    }
    /// Waits until the server has all that was published, for some milliseconds.
    bool flush(std::int64_t patience) {
        return natsConnection_FlushTimeout(connection_.get(), patience) == NATS_OK;
    }

    /// Is there a server at this moment?
    bool is_connected() const {
        return natsConnection_Status(connection_.get()) == NATS_CONN_STATUS_CONNECTED;
    }
    /// The largest message that the server takes.
    std::size_t max_payload() const {
        return static_cast<std::size_t>(natsConnection_GetMaxPayload(connection_.get()));
    }
    /// How often a server was found again.
    std::uint64_t reconnects() const { return reconnects_; }
    /// The counters since construction.
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
    /// In milliseconds: a server that does not answer is left after two of these ...
    static constexpr std::int64_t ping_interval = 2000;
    /// ... or if a write takes as long as this.
    static constexpr std::int64_t write_deadline = 2000;
    static constexpr std::int64_t reconnect_wait = 200;
    static constexpr int reconnect_buffer = 1 << 20;

    Log log_;
    std::atomic<std::uint64_t> reconnects_{0}, slow_consumer_{0}, refused_{0}, unsent_{0};
    std::mutex mutex_;
    std::condition_variable closing_;
    bool closed_ = false;
    detail::Handle<natsConnection, natsConnection_Destroy> connection_;

    static void set_place(natsOptions* settings, const ConnectionOptions& options) {
        // Not every version of the library decodes what stands in a URL.
        std::vector<std::string> places = options.urls;
        std::optional<Login> login;
        for (std::string& url : places) {
            const auto found = take_login(url);
            if (found && login && *found != *login)
                throw Error("the URLs of NATS servers: expected the same user and password in all");
            if (found) login = found;
        }
        if (login) {
            const std::string user = json_escaped(login->user);
            const std::string password = json_escaped(login->password.value_or(""));
            detail::expect_ok(
                login->password ? natsOptions_SetUserInfo(settings, user.c_str(), password.c_str())
                                : natsOptions_SetToken(settings, user.c_str()),
                "the user of NATS");
        }
        std::vector<const char*> urls;
        for (const std::string& url : places) urls.push_back(url.c_str());
        detail::expect_ok(
            natsOptions_SetServers(settings, urls.data(), static_cast<int>(urls.size())),
            "the urls of NATS servers");
        detail::expect_ok(natsOptions_SetName(settings, options.name.c_str()), "NATS");
    }
    static void set_security(natsOptions* settings, const ConnectionOptions& options) {
        if (!options.credentials.empty())
            detail::expect_ok(natsOptions_SetUserCredentialsFromFiles(
                                  settings, options.credentials.c_str(), nullptr),
                              options.credentials);
        if (options.authorities.empty() && options.certificate.empty()) return;
        detail::expect_ok(natsOptions_SetSecure(settings, true), "TLS");
        if (!options.authorities.empty())
            detail::expect_ok(
                natsOptions_LoadCATrustedCertificates(settings, options.authorities.c_str()),
                options.authorities);
        if (!options.certificate.empty())
            detail::expect_ok(natsOptions_LoadCertificatesChain(
                                  settings, options.certificate.c_str(), options.key.c_str()),
                              options.certificate);
    }
    static void set_patience(natsOptions* settings) {
        const char* what = "NATS";
        detail::expect_ok(natsOptions_SetMaxReconnect(settings, -1), what);
        detail::expect_ok(natsOptions_SetReconnectWait(settings, reconnect_wait), what);
        detail::expect_ok(natsOptions_SetReconnectBufSize(settings, reconnect_buffer), what);
        detail::expect_ok(natsOptions_SetPingInterval(settings, ping_interval), what);
        detail::expect_ok(natsOptions_SetMaxPingsOut(settings, 2), what);
        detail::expect_ok(natsOptions_SetWriteDeadline(settings, write_deadline), what);
    }
    void set_callbacks(natsOptions* settings) {
        natsOptions_SetErrorHandler(settings, on_error, this);
        natsOptions_SetDisconnectedCB(settings, on_disconnected, this);
        natsOptions_SetReconnectedCB(settings, on_reconnected, this);
        natsOptions_SetClosedCB(settings, on_closed, this);
    }

    bool count_unsent(natsStatus status, const std::string& subject) {
        if (status == NATS_OK) return true;
        // An outage is told once, by its beginning and its end.
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
        if (!natsConnection_IsClosed(connection))  // as it wished itself
            self(closure).log_(system::LogLevel::warning, "NATS: disconnected");
    }
    static void on_reconnected(natsConnection* connection, void* closure) {
        Connection& me = self(closure);
        ++me.reconnects_;
        char id[64] = "";
        natsConnection_GetConnectedServerId(connection, id, sizeof id);
        me.log_(system::LogLevel::warning, std::string("NATS: connected again, to server ") + id);
    }
    /// The last that is called.
    static void on_closed(natsConnection*, void* closure) {
        Connection& me = self(closure);
        const std::lock_guard lock(me.mutex_);
        me.closed_ = true;
        me.closing_.notify_all();
    }
};

}  // namespace crdt::nats
