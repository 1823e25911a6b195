// SPDX-License-Identifier: MIT
//! PieceForm: the bytes of a Piece. A Piece is one run of slots that all have the same parts, such
//! as the slots of one keystroke.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <crdt/codec/forms/plain.hpp>
#include <crdt/codec/forms/replica.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/sequence/piece.hpp>
#include <crdt/sequence/slice.hpp>

namespace crdt::detail {

/// Writes and reads a Piece in binary codecs:
///
///     tag       1, + 2 x content, + 8 x has origin, + 16 x is left, + 32 x runs to the left,
///               + 64 x was inserted beside the dot before, + 128 x (number of slots - 1)
///     size      the number of slots - 1, only if this number is 2^56 - 1 or more. The tag contains
///               2^56 - 1 instead
///     replica   the id of the replica, and the number of the first dot
///     parent    absent if there is no origin, or if the parent is the dot before. 0 if the parent
///               is the start. Otherwise the number and the replica of the parent
///     text      the code points in UTF-8, without a length
template <class Id>
struct PieceForm {
    static constexpr std::uint64_t most = (std::uint64_t{1} << 56U) - 1;

    static void write(auto& out, const Slice<Id>& slice, std::string& buffer) {
        const bool is_beside = is_beside_dot_before(slice);
        const bool is_left = slice.status.has_origin && slice.side == Side::left;
        const bool runs_left =
            slice.status.has_origin && slice.first != slice.last && slice.direction == Side::left;
        const std::uint64_t size = slice.size_minus_one();
        out.u64(1 + 2 * static_cast<std::uint64_t>(slice.status.content) +
                (slice.status.has_origin ? 8U : 0U) + (is_left ? 16U : 0U) +
                (runs_left ? 32U : 0U) + (is_beside ? 64U : 0U) +
                128 * (size < most ? size : most));
        if (size >= most) out.u64(size);
        serialize_replica(out, *slice.replica);
        out.u64(slice.first);
        if (slice.status.has_origin && !is_beside) {
            out.u64(slice.parent);
            if (slice.parent != 0) serialize_replica(out, *slice.parent_replica);
        }
        if (slice.status.content == SlotContent::value) out.fixed_bytes(slice.text_in(buffer));
    }
    /// Reads into an empty piece.
    static void read_into(auto& in, std::uint64_t tag, Piece<Id>& piece) {
        const auto content = tag / 2 % 4;
        const bool is_beside = (tag & 64U) != 0;
        piece.status.content = static_cast<SlotContent>(content);
        piece.status.has_origin = (tag & 8U) != 0;
        piece.side = (tag & 16U) != 0 ? Side::left : Side::right;
        piece.direction = (tag & 32U) != 0 ? Side::left : Side::right;
        if (content > 2 || !piece.status.is_present() ||
            (!piece.status.has_origin && (tag & (16U + 32U + 64U)) != 0))
            in.fail("unknown kind of slot");
        std::uint64_t size = tag / 128;
        if (size == most) {
            size = in.u64();
            if (size < most) in.fail("number in more bytes than needed");
        }
        if (size == 0 && (tag & 32U) != 0) in.fail("one slot with a direction");
        piece.replica = deserialize_name<Id>(in);
        piece.first = in.u64();
        if (piece.first == 0) in.fail("dots count from 1");
        if (size > ~std::uint64_t{0} - piece.first) in.fail("number too large");
        piece.last = piece.first + size;
        if (is_beside) {
            if (piece.first == 1) in.fail("no dot before");
            piece.parent = piece.first - 1;
            if (size > 0 && piece.side != piece.direction) in.fail("run that is too long");
        } else if (piece.status.has_origin) {
            piece.parent = in.u64();
            if (piece.parent != 0) piece.set_parent_replica(deserialize_name<Id>(in));
            if (piece.parent == 0 && piece.side == Side::left) in.fail("left of the start");
            if (piece.parent != 0 && piece.parent == piece.first - 1 && !piece.other_parent)
                in.fail("parent in more bytes than needed");
        }
        if (piece.status.content == SlotContent::value) piece.text = in.code_points(size + 1);
    }

  private:
    static bool is_beside_dot_before(const Slice<Id>& slice) {
        return slice.status.has_origin && slice.parent != 0 && slice.parent == slice.first - 1 &&
               *slice.parent_replica == *slice.replica;
    }
};

}  // namespace crdt::detail
