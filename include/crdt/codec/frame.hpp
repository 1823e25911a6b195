// SPDX-License-Identifier: MIT
//! Frames: a frame contains a message, its length, a version, a cluster id and a checksum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <crdt/codec/expected.hpp>
#include <crdt/detail/crc32c.hpp>

// The layout of a frame. Numbers are little endian:
//
//     4 bytes   the length of the whole frame
//     1 byte    the version of frames and of their payload
//     8 bytes   the id of the cluster: a frame of another cluster is rejected
//     ...       the payload
//     4 bytes   CRC-32C of all bytes before it

namespace crdt::frame {

/// The version of frames. Each release can already read the version that the next release writes.
/// So replicas of two adjacent releases can exchange frames.
inline constexpr std::uint8_t version = 1;

/// The number of bytes that a frame adds to its payload.
inline constexpr std::size_t overhead = 17;

namespace detail {

inline constexpr std::size_t header_size = 13;
inline constexpr std::size_t checksum_size = 4;

inline void append_number(std::string& bytes, std::uint64_t number, std::size_t size) {
    for (; size > 0; --size, number >>= 8U) bytes += static_cast<char>(number & 0xFFU);
}
inline std::uint64_t read_number(std::string_view bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = bytes.size(); i > 0; --i)
        number = (number << 8U) | static_cast<unsigned char>(bytes[i - 1]);
    return number;
}

}  // namespace detail

/// Returns the length of the frame at the beginning of `stream`, or nothing if fewer than 4 bytes
/// have arrived. A reader of a stream must compare the length with its own limit before it waits
/// for the rest.
inline std::optional<std::size_t> length(std::string_view stream) {
    if (stream.size() < 4) return std::nullopt;
    return static_cast<std::size_t>(detail::read_number(stream.substr(0, 4)));
}

/// Returns a frame with `payload` for the cluster with the id `cluster`. Precondition: the frame is
/// below 4 GiB. Only tests pass another `frame_version`.
inline std::string encode(std::string_view payload, std::uint64_t cluster,
                          std::uint8_t frame_version = version) {
    std::string bytes;
    bytes.reserve(payload.size() + overhead);
    detail::append_number(bytes, payload.size() + overhead, 4);
    detail::append_number(bytes, frame_version, 1);
    detail::append_number(bytes, cluster, 8);
    bytes += payload;
    detail::append_number(bytes, crdt::detail::crc32c(bytes), detail::checksum_size);
    return bytes;
}

/// Returns the payload of a frame, as a view into `bytes`. Accepts only frames that encode()
/// returns for this cluster. A truncated or changed frame, or a frame of another cluster or
/// version, is an error.
inline Expected<std::string_view> decode(std::string_view bytes, std::uint64_t cluster) {
    const auto fail = [](const char* reason) { return DecodeError{reason, {}}; };
    if (bytes.size() < overhead || length(bytes) != bytes.size()) return fail("incomplete frame");
    const std::size_t end = bytes.size() - detail::checksum_size;
    if (detail::read_number(bytes.substr(end)) != crdt::detail::crc32c(bytes.substr(0, end)))
        return fail("frame checksum mismatch");
    if (detail::read_number(bytes.substr(4, 1)) != version) return fail("frame of another version");
    if (detail::read_number(bytes.substr(5, 8)) != cluster) return fail("frame of another cluster");
    return bytes.substr(detail::header_size, end - detail::header_size);
}

}  // namespace crdt::frame
