// SPDX-License-Identifier: MIT
//! Pieces: frames that are larger than what a server takes in one message.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/codec/frame.hpp>

// A piece: a byte, 0 where a frame begins and 1 where it goes on, and a part of the frame. Pieces
// of one sender arrive in order; if one is lost, the frame's own length and checksum tell.

namespace crdt::nats {

/// The first piece tells the length of the frame.
inline constexpr std::size_t smallest_piece = 5;

/// Hands over the pieces of `frame`, none of them larger than `limit`.
template <class Send>
void cut(std::string_view frame, std::size_t limit, Send&& send) {
    limit = (std::max)(limit, smallest_piece);
    for (char mark = 0; !frame.empty(); mark = 1) {
        send(mark + std::string(frame.substr(0, limit - 1)));
        frame.remove_prefix((std::min)(limit - 1, frame.size()));
    }
}

/// Puts the pieces of one sender together.
class Assembly {
    std::string bytes_;

  public:
    /// Longer frames are neither sent nor waited for.
    static constexpr std::size_t longest = std::size_t{1} << 26U;

    /// The frame that ends with this piece. Holds no more than what has come of it. What is no
    /// frame, or one that is too long, is handed over as far as it has come; so are the pieces of
    /// one whose beginning is lost.
    std::optional<std::string> add(std::string_view piece) {
        if (piece.empty()) return std::string();
        if (piece.front() == 0)
            bytes_.clear();
        else if (bytes_.empty())
            return std::string(piece.substr(1));
        bytes_ += piece.substr(1);
        const auto length = frame::length(bytes_);
        if (length && *length > bytes_.size() && *length <= longest) return std::nullopt;
        return std::exchange(bytes_, {});
    }
};

}  // namespace crdt::nats
