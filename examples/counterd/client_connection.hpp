// SPDX-License-Identifier: MIT
//! ClientConnection: a client that is connected to the port of a node.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <crdt/nats/message.hpp>

#include "client_input.hpp"
#include "client_port_options.hpp"

namespace counterd {

/// A socket, with the input and the output of the client. The member functions do not block.
class ClientConnection {
    struct Subscription {
        std::string subject{};
        /// How many messages were sent, and how many are sent at most. 0: without limit.
        std::uint64_t sent = 0, most = 0;
    };

    using Subscriptions = std::map<std::string, Subscription, std::less<>>;

    int socket_;
    std::uint64_t id_;
    const ClientPortOptions* options_;
    bool is_accepted_ = false, is_verbose_ = false;
    ClientInput input_{};
    std::string output_{};
    /// The number of bytes of output_ that were written.
    std::size_t written_ = 0;
    /// The subscriptions of the client by their ids.
    Subscriptions subscriptions_{};
    std::size_t subscription_bytes_ = 0;

    void accept(std::string_view json);
    void subscribe(std::string_view id, std::string_view subject);
    void unsubscribe(std::string_view id, std::uint64_t most);
    void erase(Subscriptions::iterator subscription);

  public:
    using Receive = std::function<void(crdt::nats::NatsMessage)>;

    /// The limit of the size of all subscriptions, in bytes. Each counts as its texts and 128
    /// bytes.
    static constexpr std::size_t max_subscription_bytes = std::size_t{1} << 16U;
    /// Above this number of bytes of output, no input is read from the client.
    static constexpr std::size_t much_output = std::size_t{1} << 18U;
    /// Above this number of bytes of output, the connection ends.
    static constexpr std::size_t max_output = std::size_t{1} << 22U;

    /// Takes ownership of `socket`, which must not block. `options` must outlive this object.
    ClientConnection(int socket, std::uint64_t id, const ClientPortOptions& options);
    ClientConnection(const ClientConnection&) = delete;
    ClientConnection& operator=(const ClientConnection&) = delete;
    /// Closes the socket. What was written to it still arrives.
    ~ClientConnection();

    int socket() const { return socket_; }
    /// Has the client sent a valid `CONNECT`?
    bool is_accepted() const { return is_accepted_; }
    std::size_t output_size() const { return output_.size() - written_; }

    /// How an address() begins. It contains a blank, so it is no subject of NATS, and no client of
    /// a server can choose it.
    static constexpr std::string_view address_begin = "client ";
    /// Returns the reply subject of a request of the client `id`. The client itself calls this
    /// subject `reply`.
    static std::string address(std::uint64_t id, std::string_view reply);

    /// Reads once, and calls `receive` with each request. The reply subject of a request is an
    /// address(). Returns false if the client has closed the connection. Throws ProtocolError.
    bool receive(const Receive& receive);
    /// Puts a message to `reply` into the output if the client has subscribed to it. `reply` is a
    /// subject that the client has chosen. Returns false if the output would exceed max_output.
    bool deliver(std::string_view reply, std::string_view bytes);
    /// Writes the output, as far as the socket has room. Returns false if the connection is broken.
    bool send();
    /// Sends the reason why the node ends the connection, if there is memory for it.
    void refuse(std::string_view why) noexcept;
};

}  // namespace counterd
