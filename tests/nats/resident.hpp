// SPDX-License-Identifier: MIT
//! The memory of nodes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <unistd.h>

namespace support {

/// Returns the memory of all nodes that this process has started.
inline std::uint64_t resident_kilobytes() {
    std::uint64_t sum = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        std::ifstream status(entry.path() / "status");
        std::map<std::string, std::string> fields;
        for (std::string line; std::getline(status, line);) {
            const auto colon = line.find(":\t");
            if (colon != line.npos) fields[line.substr(0, colon)] = line.substr(colon + 2);
        }
        if (fields["PPid"] == std::to_string(::getpid()) && fields["Name"] == "counterd")
            sum += std::stoull(fields["VmRSS"]);
    }
    return sum;
}

}  // namespace support
