// SPDX-License-Identifier: MIT
//! A folder for a test's files, removed at its end.
#pragma once

#include <filesystem>
#include <string>

#include <unistd.h>

#include <doctest/doctest.h>

namespace support {

class TemporaryFolder {
    std::filesystem::path path_;

  public:
    explicit TemporaryFolder(
        const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
        std::string pattern = (parent / "crdt-test-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }

    const std::filesystem::path& path() const { return path_; }
};

}  // namespace support
