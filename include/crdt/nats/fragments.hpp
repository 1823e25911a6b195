// SPDX-License-Identifier: MIT
//! Fragments: a frame that is larger than one message of the server is sent in fragments.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/codec/frame.hpp>

// A fragment is a byte and a section of a frame. The byte is 0 in the first fragment of a frame and
// 1 in the others. Fragments of one sender arrive in order. If a fragment is lost, the length and
// the checksum of the frame do not match.

namespace crdt::nats {

/// The least size of a fragment. The first fragment must have room for the length of its frame.
inline constexpr std::size_t min_fragment_size = 5;

/// Calls send(fragment) for each fragment of `frame`, in order. No fragment is larger than `limit`.
/// A `limit` below min_fragment_size counts as min_fragment_size. O(size of the frame).
template <class Send>
void fragment(std::string_view frame, std::size_t limit, Send&& send) {
    limit = (std::max)(limit, min_fragment_size);
    for (char mark = 0; !frame.empty(); mark = 1) {
        send(mark + std::string(frame.substr(0, limit - 1)));
        frame.remove_prefix((std::min)(limit - 1, frame.size()));
    }
}

/// Joins the fragments of one sender. It stores the received bytes of one frame, and reserves no
/// memory for the rest.
class Reassembler {
    std::string bytes_;

  public:
    /// Longer frames are neither sent nor collected.
    static constexpr std::size_t max_frame_size = std::size_t{1} << 26U;

    /// Adds a fragment. Returns the frame that it completes, or nothing if the frame needs more
    /// fragments. Invalid input is returned at once, and the caller rejects it by its checksum.
    /// Input is invalid if it is not a frame, if the frame is too long, or if the first fragment is
    /// missing.
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
