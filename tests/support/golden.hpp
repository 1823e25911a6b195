// SPDX-License-Identifier: MIT
//! Golden files: text that must change only on purpose.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

namespace support {

/// Compares `text` with tests/golden/<name>. If CRDT_UPDATE_GOLDEN is set, writes the file.
inline void pin(const std::string& name, const std::string& text) {
    const std::string path = std::string(GOLDEN_DIR) + "/" + name;
    CAPTURE(path);
    if (std::getenv("CRDT_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text << "\n";
    std::ifstream file(path);
    CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == text + "\n");
}

}  // namespace support
