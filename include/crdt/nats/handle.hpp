// SPDX-License-Identifier: MIT
//! What the NATS library hands out, owned; and its errors as exceptions.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include <crdt/detail/cpp20.hpp>

#include <nats/nats.h>

namespace crdt::nats {

/// Something that could not be begun; what() says what, and why.
class Error : public std::runtime_error {
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

/// Throws Error unless `status` says that all is well.
inline void expect_ok(natsStatus status, const std::string& what) {
    if (status == NATS_OK) return;
    natsStatus last = NATS_OK;
    const char* text = nats_GetLastError(&last);
    std::string why = natsStatus_GetText(status);
    if (text != nullptr && *text != '\0' && last == status) why += std::string(": ") + text;
    throw Error(what + ": " + why);
}

}  // namespace detail

}  // namespace crdt::nats
