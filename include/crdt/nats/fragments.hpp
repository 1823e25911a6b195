// SPDX-License-Identifier: MIT
//! Fragments: splits frames that are too large for one message of the server, and joins them again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/codec/frame.hpp>

// A fragment is one byte, followed by a section of a frame. The byte is 0 in the first fragment of
// a frame, and 1 in the other fragments. Fragments of one sender arrive in order. If a fragment is
// lost, the frame does not match its length or its checksum.

namespace crdt::nats {

/// The smallest limit of the size of a fragment, in bytes. The first fragment must have room for
/// the length of its frame.
inline constexpr std::size_t min_fragment_size = 5;

/// Calls send(fragment) for each fragment of `frame`, in order. A fragment has at most `limit`
/// bytes. A `limit` below min_fragment_size counts as min_fragment_size. O(size of the frame).
template <class Send>
void fragment(std::string_view frame, std::size_t limit, Send&& send) {
    limit = (std::max)(limit, min_fragment_size);
    for (char mark = 0; !frame.empty(); mark = 1) {
        send(mark + std::string(frame.substr(0, limit - 1)));
        frame.remove_prefix((std::min)(limit - 1, frame.size()));
    }
}

/// Joins the fragments of one sender. It stores the received bytes of one unfinished frame, and
/// reserves no memory for the missing bytes.
class Reassembler {
    std::string bytes_;

  public:
    /// The maximal size of a frame in bytes. Longer frames are neither sent nor collected.
    static constexpr std::size_t max_frame_size = std::size_t{1} << 26U;

    /// Adds `fragment`. If it completes a frame, returns the frame. If the frame needs more
    /// fragments, returns nothing. Input is invalid if it is not a frame, if the frame is too long,
    /// or if the first fragment is missing. If the input is invalid, returns it immediately, so the
    /// caller must check the checksum.
    std::optional<std::string> add(std::string_view fragment) {
        if (fragment.empty()) return std::string();
        if (fragment.front() == 0)
            bytes_.clear();
        else if (bytes_.empty())
            return std::string(fragment.substr(1));
        bytes_ += fragment.substr(1);
        const auto length = frame::length(bytes_);
        if (length && *length > bytes_.size() && *length <= max_frame_size) return std::nullopt;
        return std::exchange(bytes_, {});
    }
};

}  // namespace crdt::nats
