// SPDX-License-Identifier: MIT
//! The serializers of texts and cursors.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <crdt/causal/causal.hpp>
#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/forms/sequence_lines.hpp>
#include <crdt/codec/forms/sequence_piece.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/sequence/cursor.hpp>
#include <crdt/sequence/dot_sequence.hpp>

namespace crdt {

/// In text: a list of lines, one for each replica. In bytes: if all slots are in one run and have
/// the same parts, a piece (see PieceForm), which begins with an odd number. Otherwise an even
/// number, which is twice the number of lines, and the lines.
template <Serializable Id>
struct Serializer<DotSequence<Id>> {
    static constexpr std::string_view type_name = "dot_sequence";

    using Store = DotSequence<Id>;
    using Line = detail::LineForm<Id>;

    template <class Writer>
    static void write(Writer& out, const Store& store) {
        if constexpr (!Writer::is_text) {
            std::string buffer;
            if (const auto piece = store.single_slice()) {
                detail::PieceForm<Id>::write(out, *piece, buffer);
                return;
            }
        }
        const auto& columns = store.columns();
        const auto used = detail::used_lines(columns);
        begin(out, used.size());
        for (const std::uint32_t line : used) {
            auto&& item = out.element();
            Line::write(item, columns, line);
        }
    }
    static Store read(auto& in) {
        Store store;
        read_into(in, store);
        return store;
    }
    /// Reads into an empty store.
    template <class Reader>
    static void read_into(Reader&& in, Store& store) {
        std::size_t count = 0;
        if constexpr (std::remove_cvref_t<Reader>::is_text) {
            count = in.begin_seq();
        } else {
            const std::uint64_t tag = in.u64();
            if (tag % 2 == 1) return detail::PieceForm<Id>::read_into(in, tag, store.piece());
            count = static_cast<std::size_t>(tag / 2);
            if (count != tag / 2) in.fail("number too large");
        }
        typename Store::Columns columns;
        detail::AscendingKeys<ReplicaName<Id>> order;
        for (std::size_t i = 0; i < count && in.ok(); ++i) {
            auto&& item = in.element(i);
            Line::read(item, columns, order);
        }
        if (!in.ok()) return;
        store = Store(std::move(columns));
        if constexpr (!std::remove_cvref_t<Reader>::is_text) {
            if (store.single_slice()) in.fail("lines in place of a piece");
        }
    }

  private:
    template <class Writer>
    static void begin(Writer& out, std::size_t lines) {
        if constexpr (Writer::is_text)
            out.begin_seq(lines);
        else
            out.u64(std::uint64_t{2} * lines);
    }
};

/// A causal text is written as its store and its removed dots. The context is the union of the dots
/// of the store and the removed dots.
template <Serializable Id>
struct Serializer<Causal<DotSequence<Id>>> {
    static constexpr std::string_view type_name = "causal";

    using State = Causal<DotSequence<Id>>;

    static void write(auto& out, const State& state) {
        out.begin_struct();
        serialize(out.member("store"), state.store());
        serialize(out.member("removed"), difference(state.context(), state.store().dots()));
    }
    static State read(auto& in) {
        State state;
        read_into(in, state);
        return state;
    }
    /// Reads into an empty state.
    static void read_into(auto& in, State& state) {
        in.begin_struct({"store", "removed"});
        state.fill([&](DotSequence<Id>& store, CausalContext<Id>& context) {
            Serializer<DotSequence<Id>>::read_into(in.member("store"), store);
            const auto removed = deserialize<DotSet<Id>>(in.member("removed"));
            context = store.dots();
            if (removed.is_bottom()) return;
            if (!store.dots_in(removed).is_bottom()) in.fail("removed dot in the store");
            context.merge(removed);
        });
    }
};

/// A digest is written as four sets of dots: all dots, the erased ones, the ones without an origin,
/// and the ones without a content.
template <Serializable Id>
struct Serializer<SequenceDigest<Id>> {
    using Digest = SequenceDigest<Id>;

    static void write(auto& out, const Digest& digest) {
        serialize_tuple(out, digest.all, digest.erased, digest.without_origin,
                        digest.without_content);
    }
    static Digest read(auto& in) {
        using Dots = DotSet<Id>;
        auto [all, erased, without_origin, without_content] =
            deserialize_tuple<Dots, Dots, Dots, Dots>(in);
        return {std::move(all), std::move(erased), std::move(without_origin),
                std::move(without_content)};
    }
};

/// A cursor is written as the replica and the number of a code point, and whether this code point
/// is on the left of the cursor.
template <Serializable Id>
struct Serializer<Cursor<Id>> {
    static constexpr std::string_view type_name = "cursor";

    static void write(auto& out, const Cursor<Id>& cursor) {
        out.begin_tuple(3);
        serialize_replica(out.element(), cursor.dot.replica);
        serialize(out.element(), cursor.dot.sequence);
        serialize(out.element(), cursor.side == Side::left);
    }
    static Cursor<Id> read(auto& in) {
        in.begin_tuple(3);
        Dot<Id> dot{deserialize_name<Id>(in.element(0)), in.element(1).u64()};
        const bool is_left = in.element(2).boolean();
        if (dot.sequence == 0 && !(dot.replica == Id())) in.fail("end of a text with a replica");
        return {std::move(dot), is_left ? Side::left : Side::right};
    }
};

}  // namespace crdt
