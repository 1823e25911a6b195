// SPDX-License-Identifier: MIT
#include "client_port.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <new>
#include <system_error>
#include <utility>

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <crdt/system/clock.hpp>
#include <crdt/system/decimal.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace counterd {

namespace {

/// The id of the listening socket in the set of epoll.
constexpr std::uint64_t port_id = 0;
constexpr int most_events = 64;

[[noreturn]] void fail(const std::string& host, std::uint16_t port, int error) {
    throw std::system_error(error, std::generic_category(),
                            "cannot serve clients on port " + std::to_string(port) + " of " + host);
}

int bound_socket(const std::string& host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) fail(host, port, EINVAL);
    const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (file < 0) fail(host, port, errno);
    const int yes = 1;
    ::setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return file;
    const int error = errno;
    ::close(file);
    fail(host, port, error);
}

/// A client that has disappeared is noticed after about a minute, also if it has not acknowledged
/// what was sent. So a client that does not read for a minute is disconnected, too.
void set_options(int socket) {
    const int yes = 1, idle = 30, pause = 10, probes = 3;
    const unsigned timeout_ms = 60'000;
    ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &pause, sizeof pause);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

}  // namespace

ClientPort::ClientPort(ClientPortOptions options)
    : options_(std::move(options)), listening_(bound_socket(options_.address, options_.port)) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    set_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (set_ >= 0) return;
    const int error = errno;
    close_all();
    fail(options_.address, options_.port, error);
}

bool ClientPort::control(int file, int operation, std::uint32_t events, std::uint64_t id) const {
    epoll_event event{};
    event.events = events;
    event.data.u64 = id;
    return ::epoll_ctl(set_, operation, file, &event) == 0;
}

void ClientPort::close_all() {
    clients_.clear();
    for (int* file : {&listening_, &set_})
        if (*file >= 0) ::close(std::exchange(*file, -1));
}

void ClientPort::open() {
    if (std::exchange(is_open_, true)) return;
    constexpr int backlog = 1024;
    if (::listen(listening_, backlog) != 0 || !control(listening_, EPOLL_CTL_ADD, EPOLLIN, port_id))
        fail(options_.address, options_.port, errno);
}

void ClientPort::drain() {
    if (!std::exchange(is_open_, false)) return;
    ::close(std::exchange(listening_, -1));
    accepts_at_.reset();
    for (auto client = clients_.begin(); client != clients_.end(); ++client) await(client);
}

void ClientPort::disconnect_all() {
    clients_.clear();
    output_size_ = 0;
}

void ClientPort::receive(bool is_idle) {
    constexpr crdt::replication::Duration longest_pause = std::chrono::milliseconds{250};
    const Time now = crdt::system::monotonic_now();
    const bool reads = is_idle || now >= last_read_ + longest_pause;
    if (reads) last_read_ = now;
    if (accepts_at_ && *accepts_at_ <= now) {
        accepts_at_.reset();
        control(listening_, EPOLL_CTL_MOD, EPOLLIN, port_id);
    }
    std::array<epoll_event, most_events> events{};
    const int count = ::epoll_wait(set_, events.data(), most_events, 0);
    for (int i = 0; i < count; ++i) {
        const auto [happened, data] = events[static_cast<std::size_t>(i)];
        if (data.u64 == port_id) {
            accept();
            continue;
        }
        const auto client = clients_.find(data.u64);
        if (client == clients_.end()) continue;  // disconnect_silent()
        const bool continues = with(client, [&, happened = happened](ClientConnection& connection) {
            if ((happened & EPOLLOUT) != 0 && !connection.send()) return false;
            if ((happened & EPOLLIN) != 0) return !reads || connection.receive(on_request);
            return (happened & (EPOLLHUP | EPOLLERR)) == 0;
        });
        if (continues) await(client);
    }
}

void ClientPort::accept() {
    for (int i = 0; i < most_events; ++i) {
        const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0) {
            const bool is_missing =
                errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
            if (!is_missing) return;
            if (disconnect_silent()) continue;
            // The socket stays readable, so it is ignored for a while.
            accepts_at_ = crdt::system::monotonic_now() + std::chrono::seconds{1};
            control(listening_, EPOLL_CTL_MOD, 0, port_id);
            return;
        }
        set_options(socket);
        const std::uint64_t id = ++last_id_;
        auto connection = std::make_unique<ClientConnection>(socket, id, options_);
        const bool has_room = clients_.size() < max_clients || disconnect_silent();
        if (!has_room || !control(socket, EPOLL_CTL_ADD, EPOLLIN, id)) {
            ++refused_;
            connection->refuse("Maximum Connections Exceeded");
            continue;
        }
        output_size_ += connection->output_size();
        with_output_.push_back(id);
        clients_.emplace(id, Client{std::move(connection), EPOLLIN});
    }
}

bool ClientPort::disconnect_silent() {
    const auto silent = std::find_if(clients_.begin(), clients_.end(), [](const auto& entry) {
        return !entry.second.connection->is_accepted();
    });
    if (silent == clients_.end()) return false;
    disconnect(silent);
    return true;
}

template <class Action>
bool ClientPort::with(Clients::iterator client, Action&& action) {
    auto& [id, entry] = *client;
    ClientConnection& connection = *entry.connection;
    const std::size_t before = connection.output_size();
    bool continues = false;
    try {
        continues = action(connection);
        if (before == 0 && connection.output_size() > 0) with_output_.push_back(id);
    } catch (const ProtocolError& error) {
        ++failed_;
        connection.refuse(error.what());
    } catch (const std::bad_alloc&) {
        ++failed_;
        continues = false;  // its requests and answers may be lost
    }
    output_size_ += connection.output_size() - before;
    if (!continues) disconnect(client);
    return continues;
}

void ClientPort::await(Clients::iterator client) const {
    auto& [id, entry] = *client;
    const ClientConnection& connection = *entry.connection;
    const bool reads = is_open_ && connection.output_size() <= ClientConnection::much_output;
    const std::uint32_t events =
        (reads ? EPOLLIN : 0U) | (connection.output_size() > 0 ? EPOLLOUT : 0U);
    if (std::exchange(entry.events, events) != events)
        control(connection.socket(), EPOLL_CTL_MOD, events, id);
}

void ClientPort::disconnect(Clients::iterator client) {
    output_size_ -= client->second.connection->output_size();
    clients_.erase(client);
}

void ClientPort::publish(std::string_view address, std::string_view bytes) {
    address.remove_prefix(ClientConnection::address_begin.size());
    const std::size_t blank = address.find(' ');
    const auto id = crdt::system::decimal<std::uint64_t>(address.substr(0, blank));
    const auto client = clients_.find(id.value_or(port_id));
    if (client == clients_.end()) return;
    with(client, [&](ClientConnection& connection) {
        const bool has_room = connection.deliver(address.substr(blank + 1), bytes) &&
                              (output_size_ <= max_output ||
                               connection.output_size() <= ClientConnection::much_output);
        if (!has_room) ++failed_;
        return has_room;
    });
}

void ClientPort::send() {
    for (const std::uint64_t id : std::exchange(with_output_, {})) {
        const auto client = clients_.find(id);
        if (client == clients_.end()) continue;
        if (with(client, [](ClientConnection& connection) { return connection.send(); }))
            await(client);
    }
}

Metrics ClientPort::metrics() const {
    return {
        {"clients", "Clients connected to the client port", clients_.size()},
        {"clients_accepted_total", "Clients that have connected to the client port", last_id_},
        {"clients_refused_total", "Clients refused above the limit of clients", refused_},
        {"clients_failed_total",
         "Clients disconnected for their token, their protocol, or as too slow", failed_},
    };
}

}  // namespace counterd
