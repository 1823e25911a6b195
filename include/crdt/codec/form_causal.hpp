// SPDX-License-Identifier: MIT
//! The forms of causal states: dots, dot stores, contexts, and their digests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>

#include <crdt/causal/causal.hpp>
#include <crdt/causal/dot.hpp>
#include <crdt/causal/dot_fun.hpp>
#include <crdt/causal/dot_map.hpp>
#include <crdt/causal/dot_product.hpp>
#include <crdt/causal/dot_set.hpp>
#include <crdt/codec/form.hpp>
#include <crdt/codec/form_lattice.hpp>

namespace crdt {

/// Ranges in ascending order, as long as can be: [["a", 1, 5], ["b", 7]].
template <HasForm Id>
struct Form<DotSet<Id>> {
    using Range = DotRange<Id>;

    static void write(auto& out, const DotSet<Id>& dots) {
        out.begin_list(dots.range_count());
        dots.visit([&](const Range& range) {
            auto&& item = out.element();
            write_range(item, range);
        });
    }
    static DotSet<Id> read(auto& in) {
        DotSet<Id> dots;
        std::optional<Range> before;
        for_each_element(in, [&](auto& item) {
            Range range = read_range(item);
            if (before && !is_beyond(range, *before)) item.refuse("not in ascending order");
            if (!item.ok()) return;
            dots.cover(range);
            before = std::move(range);
        });
        return dots;
    }

  private:
    static void write_range(auto& out, const Range& range) {
        const bool is_dot = range.last == range.first;
        out.begin_list(is_dot ? 2 : 3);
        write_replica(out.element(), range.replica);
        write_form(out.element(), range.first);
        if (!is_dot) write_form(out.element(), range.last);
    }
    static Range read_range(auto& in) {
        const std::size_t size = in.begin_list();
        if (size < 2 || size > 3) in.refuse("not a range");
        Range range{read_replica<Id>(in.element(0)), in.element(1).natural(), 0};
        range.last = size == 2 ? range.first : in.element(2).natural();
        if (range.first == 0) in.refuse("dots count from 1");
        if (size == 3 && range.last <= range.first) in.refuse("a range that ends early");
        return range;
    }
    /// Ranges that touch would have been written as one.
    static bool is_beyond(const Range& range, const Range& before) {
        if (!(range.replica == before.replica)) return before.replica < range.replica;
        return range.first > before.last && range.first - before.last > 1;
    }
};

/// Anything that maps dots to values: [["a", 3, value], ...], in ascending order.
template <HasForm Id, HasForm V>
struct Form<detail::ColumnMap<Dot<Id>, V>> {
    using Map = detail::ColumnMap<Dot<Id>, V>;

    static void write(auto& out, const auto& entries) {
        out.begin_list(entries.size());
        for (const auto& [dot, value] : entries) {
            auto&& item = out.element();
            item.begin_components(3);
            write_replica(item.element(), dot.replica);
            write_form(item.element(), dot.sequence);
            write_form(item.element(), value);
        }
    }
    static Map read(auto& in) {
        Map map;
        detail::AscendingKeys<Dot<Id>> order;
        for_each_element(in, [&](auto& item) {
            item.begin_components(3);
            Dot<Id> dot{read_replica<Id>(item.element(0)), item.element(1).natural()};
            V value = read_form<V>(item.element(2));
            if (dot.sequence == 0) item.refuse("dots count from 1");
            order.expect_next(item, dot);
            if (item.ok()) map.push_back(std::move(dot), std::move(value));
        });
        return map;
    }
};

template <HasForm L, HasForm Id>
struct Form<DotFun<L, Id>> {
    using Entries = Form<detail::ColumnMap<Dot<Id>, L>>;

    static void write(auto& out, const DotFun<L, Id>& store) { Entries::write(out, store); }
    static DotFun<L, Id> read(auto& in) {
        auto entries = Entries::read(in);
        if constexpr (requires(const L& state) { state.has_value(); }) {
            for (const auto& [dot, state] : entries) {
                if (!state.has_value()) in.refuse("a write without a value");
            }
        }
        return DotFun<L, Id>(std::move(entries));
    }
};

template <HasForm K, HasForm S>
struct Form<DotMap<K, S>> {
    static void write(auto& out, const DotMap<K, S>& store) { write_mapping<K, S>(out, store); }
    static DotMap<K, S> read(auto& in) {
        typename DotMap<K, S>::Entries entries;
        DotSet<typename S::id_type> seen;
        read_mapping<K, S>(in, [&](auto& item, K key, S store) {
            const auto dots = store.live();
            if (dots.is_bottom()) return item.refuse("an entry that says nothing");
            if (!intersection(seen, dots).is_bottom()) return item.refuse("a dot in two places");
            seen.merge(dots);
            entries.push_back(std::move(key), std::move(store));
        });
        return DotMap<K, S>(std::move(entries));
    }
};

template <HasForm... S>
struct Form<DotProduct<S...>> {
    using Store = DotProduct<S...>;

    static void write(auto& out, const Store& store) {
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            write_components(out, store.template get<Index>()...);
        }
        (std::index_sequence_for<S...>{});
    }
    static Store read(auto& in) {
        auto stores = read_components<S...>(in);
        DotSet<typename Store::id_type> seen;
        const auto expect_new = [&](const auto& store) {
            if (!store.live_within(seen).is_bottom()) in.refuse("a dot in two places");
            seen.merge(store.live());
        };
        std::apply([&](const auto&... store) { (expect_new(store), ...); }, stores);
        return std::make_from_tuple<Store>(std::move(stores));
    }
};

template <HasForm S>
struct Form<Causal<S>> {
    static void write(auto& out, const Causal<S>& state) {
        out.begin_members();
        write_form(out.member("store"), state.store());
        write_form(out.member("context"), state.context());
    }
    static Causal<S> read(auto& in) {
        in.begin_members({"store", "context"});
        auto store = read_form<S>(in.member("store"));
        auto context = read_form<CausalContext<typename S::id_type>>(in.member("context"));
        if (!store.live().leq(context)) in.refuse("a live dot that the context lacks");
        return Causal<S>(std::move(store), std::move(context));
    }
};

template <HasForm Live, HasForm Id>
struct Form<CausalDigest<Live, Id>> {
    using Digest = CausalDigest<Live, Id>;

    static void write(auto& out, const Digest& digest) {
        out.begin_members();
        write_form(out.member("live"), digest.live);
        write_form(out.member("context"), digest.context);
    }
    static Digest read(auto& in) {
        in.begin_members({"live", "context"});
        auto live = read_form<Live>(in.member("live"));
        return {std::move(live), read_form<CausalContext<Id>>(in.member("context"))};
    }
};

}  // namespace crdt
