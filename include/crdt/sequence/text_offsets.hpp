// SPDX-License-Identifier: MIT
//! TextOffsets: offsets in a text that count bytes or UTF-16 code units.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

#include <crdt/detail/failure.hpp>
#include <crdt/detail/utf8.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/sequence/dot_sequence.hpp>
#include <crdt/sequence/order_offsets.hpp>

namespace crdt {

/// A view of a text with offsets that count bytes of UTF-8, or UTF-16 code units as in JavaScript
/// and in the Language Server Protocol.
///
/// Cost     O(1) to make; conversions O(log n). If a leaf of the index (OrderTree) contains text
///          that is not ASCII, a conversion in this leaf also takes time in proportion to the size
///          of the leaf
/// Lifetime until the text changes or is destroyed
template <ReplicaId Id>
class TextOffsets {
    using Index = detail::OrderIndex<Id>;
    using Unit = std::uint64_t detail::TextSize::*;

    const Index* order_;
    const typename DotSequence<Id>::Columns* columns_;
    Unit unit_;

    template <class Self, ReplicaId OtherId>
    friend class TextReader;
    TextOffsets(const Index& order, const typename DotSequence<Id>::Columns& columns, Unit unit)
        : order_(&order), columns_(&columns), unit_(unit) {}

  public:
    /// Returns the size of the text, in bytes or in UTF-16 code units. O(1).
    std::size_t size() const { return static_cast<std::size_t>(order_->size().*unit_); }
    /// Returns the offset of code point `index`, or size() if `index` is the number of code points.
    /// Throws std::out_of_range if `index` is greater than this number.
    std::size_t offset_of(std::size_t index) const {
        if (index > order_->size().points)
            detail::throw_or_abort<std::out_of_range>("TextOffsets::offset_of: index past the end");
        return static_cast<std::size_t>(detail::offset_of(order_->tree(), *columns_, unit_, index));
    }
    /// Returns the index of the code point that begins at `offset`, or the number of code points if
    /// `offset` is size(). Throws std::out_of_range if `offset` is greater than size(). Throws
    /// std::invalid_argument if `offset` is inside a code point.
    std::size_t index_at(std::size_t offset) const {
        if (offset > size())
            detail::throw_or_abort<std::out_of_range>("TextOffsets::index_at: offset past the end");
        const auto index = detail::index_at(order_->tree(), *columns_, unit_, offset);
        if (!index)
            detail::throw_or_abort<std::invalid_argument>(
                "TextOffsets::index_at: offset inside a code point");
        return static_cast<std::size_t>(*index);
    }
};

}  // namespace crdt
