// SPDX-License-Identifier: MIT
//! ClientInput: the commands in the bytes that a client sends to the port of a node.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace counterd {

/// A command of the protocol of NATS. The views are valid until ClientInput::append().
struct ClientCommand {
    enum class Verb { connect, ping, pong, publish, subscribe, unsubscribe };

    Verb verb{};
    std::string_view subject{}, reply{};
    /// The id that the client has chosen for its subscription.
    std::string_view id{};
    /// The payload of a message, or the JSON text of `connect`.
    std::string_view bytes{};
    /// For `unsubscribe`: the subscription ends after this number of messages. 0: it ends now.
    std::uint64_t count = 0;
};

/// The client has violated the protocol, so its connection must end. The text is that of a NATS
/// server for the same violation.
class ProtocolError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Splits the bytes of a client into commands. Holds at most one incomplete command, and what was
/// appended since the last next().
///
/// Cost  next() looks at each byte once, except at the line of a message that is not complete
class ClientInput {
    std::string bytes_;
    /// The bytes before begin_ were returned as commands. No line ends between begin_ and seen_.
    std::size_t begin_ = 0, seen_ = 0;

  public:
    /// The limit of the length of a line, in bytes.
    static constexpr std::size_t longest_line = 4096;

    /// Returns the number of bytes that are not returned as commands yet.
    std::size_t size() const { return bytes_.size() - begin_; }
    void append(std::string_view bytes) {
        bytes_.erase(0, begin_);
        seen_ -= begin_;
        begin_ = 0;
        bytes_ += bytes;
    }
    /// Returns the next command, or nothing until more bytes are appended. Throws ProtocolError if
    /// the bytes are not a command, or if a line or a payload is too long.
    std::optional<ClientCommand> next();
};

}  // namespace counterd
