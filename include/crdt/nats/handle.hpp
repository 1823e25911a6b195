// SPDX-License-Identifier: MIT
//! NatsError, and owning handles for the objects of the C library of NATS.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include <crdt/detail/cpp20.hpp>

#include <nats/nats.h>

namespace crdt::nats {

/// A failed operation of the NATS binding. what() names the operation and the reason.
class NatsError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

namespace detail {

template <auto destroy>
struct Destroy {
    void operator()(auto* handle) const { destroy(handle); }
};
template <class Object, auto destroy>
using Handle = std::unique_ptr<Object, Destroy<destroy>>;

/// Throws NatsError unless `status` is NATS_OK. `what` names the operation.
inline void expect_ok(natsStatus status, const std::string& what) {
    if (status == NATS_OK) return;
    natsStatus last = NATS_OK;
    const char* text = nats_GetLastError(&last);
    std::string why = natsStatus_GetText(status);
    if (text != nullptr && *text != '\0' && last == status) why += std::string(": ") + text;
    throw NatsError(what + ": " + why);
}

}  // namespace detail

}  // namespace crdt::nats
