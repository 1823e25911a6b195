// SPDX-License-Identifier: MIT
//! NatsMessage: a message that was received on a subject.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <crdt/nats/handle.hpp>

namespace crdt::nats {

/// A message of the C library, or a message that has arrived by another way. A NatsMessage can be
/// moved but not copied. The views that its members return are valid until the message is moved or
/// destroyed.
class NatsMessage {
    detail::Handle<natsMsg, natsMsg_Destroy> message_;
    /// If message_ is null: the subject, the reply subject and the payload.
    std::string text_;
    std::size_t subject_size_ = 0, reply_size_ = 0;

    static std::string_view view(const char* text) { return text == nullptr ? "" : text; }
    std::string_view part(std::size_t begin, std::size_t size) const {
        return std::string_view(text_).substr(begin, size);
    }

  public:
    /// Takes ownership of `message`, which must not be null.
    explicit NatsMessage(natsMsg* message) : message_(message) {}
    /// Copies a message that has arrived by another way. If the sender expects no reply, `reply`
    /// is empty.
    NatsMessage(std::string_view subject, std::string_view reply, std::string_view data)
        : subject_size_(subject.size()), reply_size_(reply.size()) {
        text_.reserve(subject.size() + reply.size() + data.size());
        text_.append(subject).append(reply).append(data);
    }

    /// Returns the subject on which the message was published.
    std::string_view subject() const {
        return message_ ? view(natsMsg_GetSubject(message_.get())) : part(0, subject_size_);
    }
    /// Returns the subject on which the sender expects a reply. If the sender expects none, the
    /// result is empty.
    std::string_view reply() const {
        return message_ ? view(natsMsg_GetReply(message_.get())) : part(subject_size_, reply_size_);
    }
    /// Returns the payload.
    std::string_view data() const {
        if (!message_) return part(subject_size_ + reply_size_, text_.npos);
        return {natsMsg_GetData(message_.get()),
                static_cast<std::size_t>(natsMsg_GetDataLength(message_.get()))};
    }
};

}  // namespace crdt::nats
