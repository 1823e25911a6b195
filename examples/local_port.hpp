// SPDX-License-Identifier: MIT
//! Port: a port of this machine, which names the process that uses it.
#pragma once

#include <cstdint>

#include <arpa/inet.h>
#include <netinet/in.h>

using Port = std::uint16_t;

/// Returns the address of a port of this machine.
inline sockaddr_in address_of(Port port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}
