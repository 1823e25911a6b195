// SPDX-License-Identifier: MIT
//! LineBuffer: splits a byte stream into lines of bounded length.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <crdt/detail/cpp20.hpp>

namespace crdt::maelstrom {

/// Splits a byte stream into lines. Keeps at most `max_line` bytes of a line that has not ended
/// yet, and skips longer lines.
class LineBuffer {
    std::string pending_;
    std::size_t max_line_;
    bool skipping_ = false;

  public:
    explicit LineBuffer(std::size_t max_line) : max_line_(max_line) {}

    /// Adds `bytes` to the stream. Calls line(text) for each line that is now complete, and
    /// skipped() for each line that is too long.
    template <class Line, class Skipped>
    void feed(std::string_view bytes, Line&& line, Skipped&& skipped) {
        while (!bytes.empty()) {
            const std::size_t newline = bytes.find('\n');
            const std::string_view piece = bytes.substr(0, newline);
            if (newline == std::string_view::npos) return keep(piece, skipped);
            bytes.remove_prefix(newline + 1);
            end_line(piece, line, skipped);
        }
    }

    /// Ends the stream. If bytes of an unfinished line remain, calls line(text) for them.
    template <class Line>
    void finish(Line&& line) {
        if (!skipping_ && !pending_.empty()) line(std::string_view(pending_));
        pending_.clear();
    }

  private:
    /// Ends a line with the bytes `piece`. If `piece` is the whole line, it is not copied.
    template <class Line, class Skipped>
    void end_line(std::string_view piece, Line&& line, Skipped&& skipped) {
        if (!skipping_ && pending_.empty() && piece.size() <= max_line_) return line(piece);
        keep(piece, skipped);
        if (!skipping_) line(std::string_view(pending_));
        pending_.clear();
        skipping_ = false;
    }

    template <class Skipped>
    void keep(std::string_view piece, Skipped&& skipped) {
        if (skipping_) return;
        if (pending_.size() + piece.size() > max_line_) {
            skipping_ = true;
            pending_ = std::string();
            skipped();
        } else {
            pending_ += piece;
        }
    }
};

}  // namespace crdt::maelstrom
