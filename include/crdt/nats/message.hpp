// SPDX-License-Identifier: MIT
//! NatsMessage: a message that was received on a subject.
#pragma once

#include <cstddef>
#include <string_view>

#include <crdt/nats/handle.hpp>

namespace crdt::nats {

/// Owns a message of the C library. A NatsMessage can be moved but not copied. The views that its
/// members return are valid until the message is destroyed.
class NatsMessage {
    detail::Handle<natsMsg, natsMsg_Destroy> message_;

    static std::string_view text(const char* text) { return text == nullptr ? "" : text; }

  public:
    /// Takes ownership of `message`.
    explicit NatsMessage(natsMsg* message) : message_(message) {}

    /// Returns the subject on which the message was published.
    std::string_view subject() const { return text(natsMsg_GetSubject(message_.get())); }
    /// Returns the subject on which the sender expects a reply. If the sender expects none, the
    /// result is empty.
    std::string_view reply() const { return text(natsMsg_GetReply(message_.get())); }
    /// Returns the payload.
    std::string_view data() const {
        return {natsMsg_GetData(message_.get()),
                static_cast<std::size_t>(natsMsg_GetDataLength(message_.get()))};
    }
};

}  // namespace crdt::nats
