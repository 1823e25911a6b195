// SPDX-License-Identifier: MIT
//! Slice: consecutive slots of one replica with the same status.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <crdt/detail/utf8.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/letters.hpp>
#include <crdt/sequence/origin.hpp>

namespace crdt::detail {

/// The content of a slot. The values are in ascending order: a join keeps the greater one.
enum class SlotContent : std::uint8_t { none, value, erased };

/// The parts of a slot that are present. The parts are the origin and the content.
struct SlotStatus {
    bool has_origin = false;
    SlotContent content = SlotContent::none;

    bool is_present() const { return has_origin || content != SlotContent::none; }
    friend bool operator==(const SlotStatus&, const SlotStatus&) = default;
    /// Does `other` have all parts of this status? An erased slot counts as having all contents.
    bool leq(const SlotStatus& other) const {
        return (!has_origin || other.has_origin) && content <= other.content;
    }
    /// Returns the parts that this status has and `other` lacks.
    SlotStatus without(const SlotStatus& other) const {
        return {has_origin && !other.has_origin,
                content > other.content ? content : SlotContent::none};
    }
};

/// Consecutive slots of one replica with the same status. If they have origins, each slot except
/// the first was inserted beside the slot before it, on the side `direction`. A slice refers to the
/// ids and the letters of a sequence. The slice is valid until the sequence changes.
template <ReplicaId Id>
struct Slice {
    const ReplicaName<Id>* replica = nullptr;
    std::uint64_t first = 0, last = 0;
    SlotStatus status{};
    // The origin of the first slot.
    const ReplicaName<Id>* parent_replica = nullptr;
    std::uint64_t parent = 0;  // 0: the start
    Side side = Side::right;
    Side direction = Side::right;
    // The code points: in `letters` if it is not null, else in `text`.
    std::string_view text{};
    const Letters* letters = nullptr;

    std::uint64_t size_minus_one() const { return last - first; }
    /// Returns the slots from `from` to `to`, with only the parts in `parts`.
    Slice part(std::uint64_t from, std::uint64_t to, const SlotStatus& parts) const {
        Slice result = *this;
        result.first = from;
        result.last = to;
        result.status = parts;
        if (from > first) {
            result.parent_replica = replica;
            result.parent = from - 1;
            result.side = direction;
        }
        if (letters == nullptr && parts.content == SlotContent::value) {
            result.text.remove_prefix(utf8_prefix(result.text, from - first));
            if (to != last)
                result.text = result.text.substr(0, utf8_prefix(result.text, to - from + 1));
        } else {
            result.text = {};
        }
        return result;
    }
    /// Appends the slots of `next`, if they follow the slots here, have the same status and are in
    /// the same run. Returns whether it has appended them. Precondition: `next` is in the same
    /// columns.
    bool append(const Slice& next) {
        if (replica != next.replica || last + 1 != next.first || !(status == next.status))
            return false;
        if (status.has_origin) {
            const bool is_beside = next.parent == last && next.parent_replica == replica;
            const Side before = first == last ? next.side : direction;
            const bool continues = parent == first - 1 && parent != 0 && parent_replica == replica;
            if (!is_beside || next.side != before ||
                (first == last && continues && side != before) ||
                (next.first != next.last && next.direction != before))
                return false;
            direction = before;
        }
        last = next.last;
        return true;
    }
    /// Do the slots of both have the same origins? Precondition: both have the same dots.
    bool has_same_origins(const Slice& other) const {
        return parent == other.parent &&
               (parent == 0 || *parent_replica == *other.parent_replica) && side == other.side &&
               (first == last || direction == other.direction);
    }
    /// Returns the code points of the slots as text, or an empty text if the slots have none. If
    /// the text is not stored in one string, puts it into `buffer`.
    std::string_view text_in(std::string& buffer) const {
        if (letters == nullptr || status.content != SlotContent::value) return text;
        buffer.clear();
        letters->append_to(buffer, first, last);
        return buffer;
    }
};

}  // namespace crdt::detail
