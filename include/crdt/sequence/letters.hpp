// SPDX-License-Identifier: MIT
//! Letters: the code points at the dots of one replica.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>

#include <crdt/causal/interval_map.hpp>
#include <crdt/detail/failure.hpp>
#include <crdt/detail/min_max.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/lattice/column_map.hpp>
#include <crdt/sequence/letter_chunk.hpp>

namespace crdt::detail {

/// The code points of one replica, by the numbers of their dots. They are stored in chunks, so
/// every code point is found in O(log n). An erase overwrites the code point immediately. The
/// boundaries of the chunks are not part of the state: two objects are equal if the same numbers
/// have the same code points.
class Letters {
    using Chunk = LetterChunk;
    /// The longest gap inside a chunk. After a longer gap, another chunk begins.
    static constexpr std::size_t longest_gap = 16;

    using Chunks = ColumnMap<std::uint64_t, Chunk>;
    using Position = Chunks::const_iterator;

    Chunks chunks_;
    bool has_wide_ = false;  // Has there been a code point beyond ASCII?
    Chunks::Hint recent_{};  // the chunk that contains_all() or erase() found last

    /// Returns the last chunk that begins at or before `number`, or end() if there is none.
    Position chunk_of(std::uint64_t number, Chunks::Hint& hint) const {
        if (chunks_.empty()) return chunks_.end();
        const Position last = std::prev(chunks_.end());
        return last.key() <= number ? last : chunks_.floor(number, hint);
    }
    Position chunk_of(std::uint64_t number) const {
        Chunks::Hint hint;
        return chunk_of(number, hint);
    }
    /// Returns the first chunk that ends at or after `number`, or end() if there is none.
    Position seek(std::uint64_t number, Chunks::Hint& hint) const {
        const Position chunk = chunk_of(number, hint);
        if (chunk == chunks_.end()) return chunks_.begin();
        return number - chunk.key() < chunk.value().size() ? chunk : std::next(chunk);
    }
    Position seek(std::uint64_t number) const {
        Chunks::Hint hint;
        return seek(number, hint);
    }
    /// Returns the chunk for a new code point at `number`. Makes a chunk if none has room near it.
    Position make_chunk(std::uint64_t number) {
        const Position chunk = chunk_of(number);
        if (chunk != chunks_.end()) {
            const std::uint64_t at = number - chunk.key();
            if (at < Chunk::longest && at <= chunk.value().size() + longest_gap) return chunk;
        }
        const Position next = chunk == chunks_.end() ? chunks_.begin() : std::next(chunk);
        return chunks_.insert(next, number, Chunk());
    }
    /// Appends the ASCII letters with which `text` begins to `chunk`, but at most `room` letters.
    /// Returns the number of appended letters.
    std::size_t append_narrow(Chunk& chunk, std::string_view text, std::size_t room) {
        std::size_t count = 0;
        while (count < (min)(room, text.size()) && (text[count] & 0x80) == 0) ++count;
        chunk.append_ascii(text.substr(0, count));
        return count;
    }

  public:
    bool empty() const { return chunks_.empty(); }
    /// Are all code points ASCII?
    bool is_ascii() const { return !has_wide_; }
    /// Returns the number of code points. O(chunks).
    std::uint64_t count() const {
        std::uint64_t total = 0;
        for (Position chunk = chunks_.begin(); chunk != chunks_.end(); ++chunk)
            total += chunk.value().used;
        return total;
    }
    /// Is there a code point at `number`?
    bool contains(std::uint64_t number) const {
        const Position chunk = chunk_of(number);
        if (chunk == chunks_.end()) return false;
        const std::uint64_t at = number - chunk.key();
        return at < chunk.value().size() && !chunk.value().is_gap(static_cast<std::size_t>(at));
    }
    /// Returns the code point at `number`. Precondition: contains(number).
    std::uint32_t at(std::uint64_t number) const {
        const Position chunk = chunk_of(number);
        return chunk.value().at(static_cast<std::size_t>(number - chunk.key()));
    }

    /// Returns whether there is a code point at `number`. `last` of the result is a number up to
    /// which the answer is the same.
    Extent extent(std::uint64_t number) const { return Walker(*this, number).extent(number); }
    /// Returns the same results as Letters::extent(), for numbers in ascending order. Each call is
    /// O(1), plus O(1) for each chunk that it passes.
    class Walker {
        Position chunk_, end_;

      public:
        Walker(const Letters& letters, std::uint64_t first)
            : chunk_(letters.seek(first)), end_(letters.chunks_.end()) {}
        Extent extent(std::uint64_t number) {
            while (chunk_ != end_ && chunk_.key() <= number &&
                   number - chunk_.key() >= chunk_.value().size())
                ++chunk_;
            if (chunk_ == end_) return {false, (std::numeric_limits<std::uint64_t>::max)()};
            if (number < chunk_.key()) return {false, chunk_.key() - 1};
            const Chunk& chunk = chunk_.value();
            const auto at = static_cast<std::size_t>(number - chunk_.key());
            std::size_t end = chunk.end_of_letters(at, chunk.size());
            const bool is_gap = end == at;
            while (is_gap && end < chunk.size() && chunk.is_gap(end)) ++end;
            return {!is_gap, chunk_.key() + (end - 1)};
        }
    };

    /// Is there a code point at each number from `first` to `last`? Stores the place of the search,
    /// so that erase() finds the first chunk in O(1) afterwards.
    bool contains_all(std::uint64_t first, std::uint64_t last) {
        for (Position chunk = seek(first, recent_);; ++chunk) {
            if (chunk == chunks_.end() || chunk.key() > first) return false;
            const Chunk& letters = chunk.value();
            const std::uint64_t end = (min)(last - chunk.key(), std::uint64_t{letters.size()} - 1);
            const auto begin = static_cast<std::size_t>(first - chunk.key());
            const auto stop = static_cast<std::size_t>(end + 1);
            if (letters.end_of_letters(begin, stop) != stop) return false;
            if (chunk.key() + end == last) return true;
            first = chunk.key() + end + 1;
        }
    }
    /// Puts the code points of `text` at the numbers from `first` on. Preconditions: `text` is
    /// well-formed, and these numbers have no code points. If an allocation fails, throws and
    /// changes nothing.
    void put(std::uint64_t first, std::string_view text) {
        std::uint64_t number = first;
        OnFailure undo([&]() noexcept {
            if (number != first) erase(first, number - 1);
            erase_empty(number);
        });
        while (!text.empty()) {
            const Position place = make_chunk(number);
            const Position next = std::next(place);
            Chunk& chunk = chunks_.value(place);
            const std::uint64_t limit =
                next == chunks_.end()
                    ? Chunk::longest
                    : (min)(next.key() - place.key(), std::uint64_t{Chunk::longest});
            auto at = static_cast<std::size_t>(number - place.key());
            while (chunk.size() < at) chunk.push_gap();
            if (at == chunk.size() && chunk.wide.empty()) {
                const std::size_t count =
                    append_narrow(chunk, text, static_cast<std::size_t>(limit) - at);
                text.remove_prefix(count);
                number += count;
                at += count;
            }
            for (; at < limit && !text.empty(); ++at, ++number) {
                std::string_view rest = text;
                chunk.set(at, take_code_point(rest));
                has_wide_ = has_wide_ || !chunk.wide.empty();
                text = rest;
            }
        }
        undo.dismiss();
    }
    /// Appends `text` to the last chunk and returns true, if three conditions are met: `first` is
    /// the number after the end of the chunk, the chunk has room, and the chunk need not be
    /// widened. Otherwise returns false. `last` is the number of the last code point. If an
    /// allocation fails, throws and changes nothing.
    bool append(std::uint64_t first, std::uint64_t last, std::string_view text) {
        if (chunks_.empty()) return false;
        Chunk& chunk = chunks_.last_value();
        const bool is_narrow = chunk.wide.empty();
        if (first - chunks_.last_key() != chunk.size() ||
            last - chunks_.last_key() >= Chunk::longest ||
            (is_narrow && text.size() != last - first + 1))
            return false;
        if (is_narrow) {
            chunk.append_ascii(text);
        } else {
            chunk.wide.reserve_next(static_cast<std::size_t>(last - first + 1));
            while (!text.empty()) chunk.set(chunk.wide.size(), take_code_point(text));
        }
        return true;
    }
    /// Erases the code points from `first` to `last`. Allocates nothing.
    void erase(std::uint64_t first, std::uint64_t last) noexcept {
        Position chunk = seek(first, recent_);
        while (chunk != chunks_.end() && chunk.key() <= last) {
            Chunk& letters = chunks_.value(chunk);
            const std::uint64_t end = (min)(std::uint64_t{letters.size()} - 1, last - chunk.key());
            for (std::uint64_t i = first > chunk.key() ? first - chunk.key() : 0; i <= end; ++i)
                letters.erase(static_cast<std::size_t>(i));
            chunk = letters.used == 0 ? chunks_.erase(chunk) : std::next(chunk);
        }
    }
    /// Stores the place of a search. A later search near this place is O(1).
    using Hint = Chunks::Hint;
    /// Calls visit(first, last) for ranges of numbers that have code points, in ascending order. A
    /// range ends at the end of its chunk, so the next range may begin at the next number.
    template <class Visit>
    void visit(std::uint64_t first, std::uint64_t last, Visit&& visit) const {
        Hint hint;
        this->visit(first, last, hint, visit);
    }
    template <class Visit>
    void visit(std::uint64_t first, std::uint64_t last, Hint& hint, Visit&& visit) const {
        visit_chunks(first, last, hint, [&](const Position& chunk, std::size_t i, std::size_t end) {
            visit(chunk.key() + i, chunk.key() + (end - 1));
        });
    }
    /// Calls visit(code point) for each code point from `first` to `last`, in ascending order.
    template <class Visit>
    void for_each(std::uint64_t first, std::uint64_t last, Visit&& visit) const {
        for (Position chunk = seek(first); chunk != chunks_.end() && chunk.key() <= last; ++chunk) {
            const Chunk& letters = chunk.value();
            const std::uint64_t begin = chunk.key();
            const std::uint64_t end = (min)(std::uint64_t{letters.size()} - 1, last - begin);
            for (std::uint64_t i = first > begin ? first - begin : 0; i <= end; ++i)
                if (!letters.is_gap(static_cast<std::size_t>(i)))
                    visit(letters.at(static_cast<std::size_t>(i)));
        }
    }
    /// Appends the code points from `first` to `last` to `text`, in ascending order.
    void append_to(std::string& text, std::uint64_t first, std::uint64_t last) const {
        Hint hint;
        visit_chunks(first, last, hint, [&](const Position& chunk, std::size_t i, std::size_t end) {
            chunk.value().append_to(text, i, end);
        });
    }
    /// Returns the sizes of the text from `first` to `last`, in code points, bytes and UTF-16
    /// units.
    TextSize size(std::uint64_t first, std::uint64_t last) const {
        TextSize total;
        for (Position chunk = seek(first); chunk != chunks_.end() && chunk.key() <= last; ++chunk) {
            const Chunk& letters = chunk.value();
            const std::uint64_t begin = chunk.key();
            const bool is_all = first <= begin && last - begin >= letters.size() - 1;
            if (is_all && letters.wide.empty()) {
                total += {letters.used, letters.used, letters.used};
                continue;
            }
            const std::uint64_t end = (min)(std::uint64_t{letters.size()} - 1, last - begin);
            for (std::uint64_t i = first > begin ? first - begin : 0; i <= end; ++i) {
                const auto at = static_cast<std::size_t>(i);
                if (!letters.is_gap(at)) total += size_of(letters.at(at));
            }
        }
        return total;
    }

  private:
    /// Calls visit(chunk, i, end) for each section of a chunk without gaps, in ascending order. The
    /// section has the indices from `i` to before `end`.
    template <class Visit>
    void visit_chunks(std::uint64_t first, std::uint64_t last, Hint& hint, Visit&& visit) const {
        for (Position chunk = seek(first, hint); chunk != chunks_.end() && chunk.key() <= last;
             ++chunk) {
            const Chunk& letters = chunk.value();
            const std::uint64_t begin = chunk.key();
            const auto end = static_cast<std::size_t>(
                (min)(std::uint64_t{letters.size()} - 1, last - begin) + 1);
            auto i = static_cast<std::size_t>(first > begin ? first - begin : 0);
            while (i < end) {
                while (i < end && letters.is_gap(i)) ++i;
                const std::size_t stop = letters.end_of_letters(i, end);
                if (i < stop) visit(chunk, i, stop);
                i = stop;
            }
        }
    }
    /// Erases the chunk at `number`, if a failure of put() has left it without code points.
    void erase_empty(std::uint64_t number) noexcept {
        const Position chunk = chunk_of(number);
        if (chunk != chunks_.end() && chunk.value().used == 0) chunks_.erase(chunk);
    }
};

}  // namespace crdt::detail
