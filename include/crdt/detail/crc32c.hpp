// SPDX-License-Identifier: MIT
//! CRC-32C, the checksum of frames.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <crdt/detail/cpp20.hpp>

namespace crdt::detail {

using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

/// Table i contains, for each byte, its effect on the checksum if i more bytes follow.
inline constexpr CrcTables crc32c_tables = [] {
    constexpr std::uint32_t polynomial = 0x82F63B78;  // Castagnoli's, bits reversed
    CrcTables tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t rest = byte;
        for (int bit = 0; bit < 8; ++bit)
            rest = (rest >> 1U) ^ ((rest & 1U) != 0 ? polynomial : 0U);
        tables[0][byte] = rest;
    }
    for (std::size_t table = 1; table < tables.size(); ++table) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t rest = tables[table - 1][byte];
            tables[table][byte] = (rest >> 8U) ^ tables[0][rest & 0xFFU];
        }
    }
    return tables;
}();

/// Returns the CRC-32C of `bytes` (as in iSCSI, RFC 3720). The checksum detects all changes within
/// 32 consecutive bits, and any three flipped bits. Processes eight bytes per step (Kounavis,
/// Berry: Novel table lookup-based algorithms for high-performance CRC generation, 2008).
constexpr std::uint32_t crc32c(std::string_view bytes) {
    const auto& tables = crc32c_tables;
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    std::uint32_t rest = 0xFFFFFFFF;
    std::size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8) {
        rest = tables[7][at(i) ^ (rest & 0xFFU)] ^ tables[6][at(i + 1) ^ ((rest >> 8U) & 0xFFU)] ^
               tables[5][at(i + 2) ^ ((rest >> 16U) & 0xFFU)] ^
               tables[4][at(i + 3) ^ (rest >> 24U)] ^ tables[3][at(i + 4)] ^ tables[2][at(i + 5)] ^
               tables[1][at(i + 6)] ^ tables[0][at(i + 7)];
    }
    for (; i < bytes.size(); ++i) rest = (rest >> 8U) ^ tables[0][(rest ^ at(i)) & 0xFFU];
    return ~rest;
}

}  // namespace crdt::detail
