// SPDX-License-Identifier: MIT
//! ClientPort: a port of a node for clients, which then need no NATS server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <crdt/replication/time.hpp>

#include "client_connection.hpp"
#include "client_port_options.hpp"
#include "metrics.hpp"

namespace counterd {

/// Clients connect to this port with the protocol of NATS, so they use any NATS client library. A
/// request then passes no server. The node is not a NATS server: it receives the requests of the
/// service, and sends a message only to the client that sent the request. There is no TLS.
///
/// Cost    one receive() accepts at most 64 clients, and reads at most 16 kB of each of 64 clients.
///         While earlier requests wait, it reads four times per second, so clients that send more
///         than the node can process are slowed down, and most of their requests wait in the
///         sockets
/// Errors  a client that violates the protocol or a limit is disconnected. It receives the reason,
///         but not if it is too slow, because some libraries do not reconnect after a reason. A
///         subscription above the limit is refused, and the client stays connected
class ClientPort {
    using Time = crdt::replication::Time;
    struct Client {
        std::unique_ptr<ClientConnection> connection{};
        /// The events of the socket for which epoll waits.
        std::uint32_t events = 0;
    };
    using Clients = std::map<std::uint64_t, Client>;

    ClientPortOptions options_;
    int set_ = -1, listening_ = -1;
    Clients clients_;
    /// The clients that have got their first output since the last send().
    std::vector<std::uint64_t> with_output_;
    std::uint64_t last_id_ = 0, refused_ = 0, failed_ = 0;
    /// The size of the output of all clients, in bytes.
    std::size_t output_size_ = 0;
    Time last_read_{};
    bool is_open_ = false;
    /// When the next client can be accepted, if the system had no file descriptor for the last.
    std::optional<Time> accepts_at_;

    bool control(int file, int operation, std::uint32_t events, std::uint64_t id) const;
    void close_all();
    void accept();
    /// Disconnects the oldest client that has not sent `CONNECT` yet. Returns false if there is
    /// none.
    bool disconnect_silent();
    /// Runs `action` with a client. If the action returns false or throws a ProtocolError,
    /// disconnects the client and returns false.
    template <class Action>
    bool with(Clients::iterator client, Action&& action);
    /// Makes epoll wait for what the client needs next.
    void await(Clients::iterator client) const;
    void disconnect(Clients::iterator client);

  public:
    /// At most this number of clients are connected.
    static constexpr std::size_t max_clients = 1000;
    /// If the output of all clients exceeds this number of bytes, a client with much_output is
    /// disconnected. A buffer of output takes up to four times as much memory.
    static constexpr std::size_t max_output = std::size_t{1} << 26U;

    /// A function that receives requests. It must be set before open().
    ClientConnection::Receive on_request;

    /// Binds the port, and raises the limit of files of this process as far as it may. Throws
    /// std::system_error if it cannot bind the port.
    explicit ClientPort(ClientPortOptions options);
    ClientPort(const ClientPort&) = delete;
    ClientPort& operator=(const ClientPort&) = delete;
    ~ClientPort() { close_all(); }

    /// Begins to accept clients. Throws std::system_error if another process has begun to listen at
    /// the port meanwhile.
    void open();
    /// Reads no further requests, and accepts no clients.
    void drain();
    /// Disconnects all clients. What was written to their sockets still arrives.
    void disconnect_all();
    /// Returns a file descriptor for poll(2), which is readable while receive() has work.
    int file() const { return set_; }
    /// Returns when receive() is due even if file() is not readable.
    std::optional<Time> next_deadline() const { return accepts_at_; }
    /// Accepts clients, and passes their requests to on_request. `is_idle`: are all earlier
    /// requests processed?
    void receive(bool is_idle);
    /// Is this reply subject of a request the address of a client?
    static bool is_address(std::string_view reply) {
        return reply.starts_with(ClientConnection::address_begin);
    }
    /// Puts a message to a client into its output. If it has disconnected, drops the message.
    void publish(std::string_view address, std::string_view bytes);
    /// Writes the output of all clients, as far as their sockets have room.
    void send();
    bool has_output() const { return output_size_ > 0; }

    Metrics metrics() const;
};

}  // namespace counterd
