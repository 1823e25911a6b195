// SPDX-License-Identifier: MIT
//! Ports of this machine that are free.
#pragma once

#include <cstddef>
#include <vector>

#include <doctest/doctest.h>

#include "udp.hpp"

namespace notepad_tests {

/// Returns ports that no socket uses.
inline std::vector<Port> free_ports(std::size_t count) {
    std::vector<int> files;
    std::vector<Port> ports;
    while (ports.size() < count) {
        files.push_back(::socket(AF_INET, SOCK_DGRAM, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(::bind(files.back(), any, size) == 0);
        REQUIRE(::getsockname(files.back(), any, &size) == 0);
        ports.push_back(ntohs(address.sin_port));
    }
    for (const int file : files) ::close(file);
    return ports;
}

}  // namespace notepad_tests
