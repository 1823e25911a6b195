// SPDX-License-Identifier: MIT
//! NatsError, and handles that own the objects of the C library of NATS.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include <crdt/detail/cpp20.hpp>

#include <nats/nats.h>

namespace crdt::nats {

/// The error of a failed operation with NATS. what() names the operation and the reason.
class NatsError : public std::runtime_error {
    natsStatus status_;

  public:
    /// Makes an error with the text `text` and the status `status`.
    explicit NatsError(const std::string& text, natsStatus status = NATS_ERR)
        : std::runtime_error(text), status_(status) {}

    /// Returns the status of the C library. If the error does not come from that library, this is
    /// NATS_ERR.
    natsStatus status() const { return status_; }
};

namespace detail {

template <auto destroy>
struct Destroy {
    void operator()(auto* handle) const { destroy(handle); }
};
template <class Object, auto destroy>
using Handle = std::unique_ptr<Object, Destroy<destroy>>;

/// Unsubscribes, and waits until the thread that reads the connection no longer uses the
/// subscription, for at most two seconds. Call it before natsSubscription_Destroy, unless the owner
/// polls: up to version 3.4 of the C library, that function frees a subscription that the thread
/// may still use for a message.
inline void stop(natsConnection* connection, natsSubscription* subscription) {
    natsSubscription_Unsubscribe(subscription);
    // The thread processes the pong after all messages for the subscription.
    natsConnection_FlushTimeout(connection, 2000);
}

/// Throws NatsError if `status` is not NATS_OK. `what` names the operation.
inline void expect_ok(natsStatus status, const std::string& what) {
    if (status == NATS_OK) return;
    natsStatus last = NATS_OK;
    const char* text = nats_GetLastError(&last);
    std::string why = natsStatus_GetText(status);
    if (text != nullptr && *text != '\0' && last == status) why += std::string(": ") + text;
    throw NatsError(what + ": " + why, status);
}

}  // namespace detail

}  // namespace crdt::nats
