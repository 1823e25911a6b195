// SPDX-License-Identifier: MIT
//! MetricsServer: serves the pages of metrics and health over HTTP.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <microhttpd.h>
#include <sys/socket.h>

#include <crdt/replication/options.hpp>

#include <arpa/inet.h>

namespace counterd {

/// A page: its HTTP status and its text.
struct Page {
    unsigned status;
    std::string text;
};

/// An HTTP server that answers GET requests within serve(). Call serve() when file() is readable.
class MetricsServer {
    using Time = crdt::replication::Time;
    using Pages = std::map<std::string, std::function<Page()>, std::less<>>;
    struct Stop {
        void operator()(MHD_Daemon* daemon) const { MHD_stop_daemon(daemon); }
    };

    /// The limit of connections of the HTTP library. It also counts connections that are being
    /// closed, so it is larger than most_kept.
    static constexpr unsigned most_connections = 256;
    /// Above this number, each new connection closes the oldest one.
    static constexpr std::size_t most_kept = 64;
    /// A connection without input is closed after this number of seconds.
    static constexpr unsigned longest_silence = 2;

    /// The sockets of open connections, the oldest first.
    std::list<int> kept_;
    std::unique_ptr<MHD_Daemon, Stop> daemon_;

    static void on_connection(void* closure, MHD_Connection* connection, void**,
                              MHD_ConnectionNotificationCode code) {
        auto& kept = static_cast<MetricsServer*>(closure)->kept_;
        const int socket =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        if (code != MHD_CONNECTION_NOTIFY_STARTED) return void(kept.remove(socket));
        kept.push_back(socket);
        if (kept.size() <= most_kept) return;
        // After shutdown(), the HTTP library reads the end of the input and closes the connection.
        ::shutdown(kept.front(), SHUT_RDWR);
        kept.pop_front();
    }

    static MHD_Result answer(void* closure, MHD_Connection* connection, const char* url,
                             const char* method, const char*, const char*, std::size_t*, void**) {
        const auto& pages = static_cast<MetricsServer*>(closure)->pages;
        const auto found = pages.find(std::string_view(url));
        Page page = found != pages.end() && std::string_view(method) == "GET"
                        ? found->second()
                        : Page{MHD_HTTP_NOT_FOUND, not_found(pages)};
        MHD_Response* response = MHD_create_response_from_buffer(page.text.size(), page.text.data(),
                                                                 MHD_RESPMEM_MUST_COPY);
        MHD_add_response_header(response, "Content-Type", "text/plain; version=0.0.4");
        const MHD_Result result = MHD_queue_response(connection, page.status, response);
        MHD_destroy_response(response);
        return result;
    }
    static std::string not_found(const Pages& pages) {
        std::string text = "not found, expected GET";
        for (const auto& [path, page] : pages) text += ' ' + path;
        return text + '\n';
    }

  public:
    /// A function for each path, which returns the page. You may replace them between calls of
    /// serve().
    Pages pages;

    /// Listens on `port` of the IPv4 address `host`. Throws std::system_error if this fails.
    MetricsServer(const std::string& host, std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
            throw std::system_error(EINVAL, std::generic_category(),
                                    "not an IPv4 address: " + host);
        daemon_.reset(MHD_start_daemon(
            MHD_USE_EPOLL, port, nullptr, nullptr, &answer, this, MHD_OPTION_SOCK_ADDR, &address,
            MHD_OPTION_CONNECTION_LIMIT, most_connections, MHD_OPTION_CONNECTION_TIMEOUT,
            longest_silence, MHD_OPTION_NOTIFY_CONNECTION, &on_connection, this, MHD_OPTION_END));
        if (!daemon_)
            throw std::system_error(
                errno, std::generic_category(),
                "cannot serve metrics on port " + std::to_string(port) + " of " + host);
    }
    MetricsServer(const MetricsServer&) = delete;
    MetricsServer& operator=(const MetricsServer&) = delete;

    int file() const {
        return MHD_get_daemon_info(daemon_.get(), MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    }
    /// Returns when serve() is due even if file() is not readable.
    std::optional<Time> next_deadline(Time now) const {
        MHD_UNSIGNED_LONG_LONG wait = 0;
        if (MHD_get_timeout(daemon_.get(), &wait) != MHD_YES) return std::nullopt;
        return now + std::chrono::milliseconds{wait};
    }
    void serve() { MHD_run(daemon_.get()); }
};

}  // namespace counterd
