// SPDX-License-Identifier: MIT
//! http_get: requests a page of a node.
#pragma once

#include <string>

#include "server.hpp"
#include "support/program.hpp"

namespace support {

/// Returns the response with its headers, or an empty text if nothing answers.
inline std::string http_get(Port port, const std::string& path) {
    const auto outcome = run_program("bash -c 'exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(port) +
                                         "; printf \"GET " + path +
                                         " HTTP/1.0\\r\\n\\r\\n\" >&3; cat <&3' 2>/dev/null",
                                     "");
    std::string text;
    for (const std::string& line : outcome.lines) text += line + "\n";
    return text;
}

}  // namespace support
