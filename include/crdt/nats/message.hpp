// SPDX-License-Identifier: MIT
//! Message: what came in on a subject.
#pragma once

#include <cstddef>
#include <string_view>

#include <crdt/nats/handle.hpp>

namespace crdt::nats {

/// A message of the library, owned.
class Message {
    detail::Handle<natsMsg, natsMsg_Destroy> message_;

    static std::string_view text(const char* text) { return text == nullptr ? "" : text; }

  public:
    /// Takes what the library gave.
    explicit Message(natsMsg* message) : message_(message) {}

    /// What it was published on.
    std::string_view subject() const { return text(natsMsg_GetSubject(message_.get())); }
    /// Where an answer is awaited; empty if none is.
    std::string_view reply() const { return text(natsMsg_GetReply(message_.get())); }
    /// Its bytes, as long as it lives.
    std::string_view data() const {
        return {natsMsg_GetData(message_.get()),
                static_cast<std::size_t>(natsMsg_GetDataLength(message_.get()))};
    }
};

}  // namespace crdt::nats
