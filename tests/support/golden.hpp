// SPDX-License-Identifier: MIT
//! Golden files: text that changes only when somebody means it to.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

namespace support {

/// Holds `text` against tests/golden/<name>; CRDT_UPDATE_GOLDEN=1 writes a new file.
inline void pin(const std::string& name, const std::string& text) {
    const std::string path = std::string(GOLDEN_DIR) + "/" + name;
    CAPTURE(path);
    if (std::getenv("CRDT_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text << "\n";
    std::ifstream file(path);
    CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == text + "\n");
}

}  // namespace support
