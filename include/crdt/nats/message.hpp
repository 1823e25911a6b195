// SPDX-License-Identifier: MIT
//! NatsMessage: a message received on a subject.
#pragma once

#include <cstddef>
#include <string_view>

#include <crdt/nats/handle.hpp>

namespace crdt::nats {

/// An owned message of the C library. It can be moved and not copied. The views that it returns are
/// valid until it is destroyed.
class NatsMessage {
    detail::Handle<natsMsg, natsMsg_Destroy> message_;

    static std::string_view text(const char* text) { return text == nullptr ? "" : text; }

  public:
    /// Takes ownership of `message`.
    explicit NatsMessage(natsMsg* message) : message_(message) {}

    /// The subject on which the message was published.
    std::string_view subject() const { return text(natsMsg_GetSubject(message_.get())); }
    /// The subject on which the sender expects a reply. It is empty if the sender expects none.
    std::string_view reply() const { return text(natsMsg_GetReply(message_.get())); }
    /// The payload.
    std::string_view data() const {
        return {natsMsg_GetData(message_.get()),
                static_cast<std::size_t>(natsMsg_GetDataLength(message_.get()))};
    }
};

}  // namespace crdt::nats
