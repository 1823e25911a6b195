// SPDX-License-Identifier: MIT
//! Record: named fields, each with a value of a causal type.
#pragma once

#include <crdt/lattice/diagnostics.hpp>

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <crdt/causal/causal.hpp>
#include <crdt/causal/causal_type.hpp>
#include <crdt/causal/dot_tuple.hpp>
#include <crdt/causal/view.hpp>
#include <crdt/field.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

namespace detail {

/// A Field of a causal type.
template <class F>
concept CausalField = CausalValue<typename F::value_type>;

/// Is the value complete? A register is complete if it has a value. A record is complete if all its
/// fields are complete. A value of any other type is always complete.
template <class Value>
bool is_complete_in(const View<Value>& view) {
    if constexpr (requires { view.is_complete(); })
        return view.is_complete();
    else if constexpr (requires { view.has_value(); })
        return view.has_value();
    else
        return true;
}

}  // namespace detail

/// The read-only members of a Record. The record and its views derive from this class.
template <class Self, class... F>
class RecordReader {
    const Self& self() const { return static_cast<const Self&>(*this); }

    template <std::size_t Index, class Value>
    View<Value> at() const {
        return View<Value>(self().store().template get<Index>(), self().context());
    }
    template <class Visit>
    void visit(Visit&& visit) const {
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            (visit(F::name, at<Index, typename F::value_type>()), ...);
        }
        (std::index_sequence_for<F...>{});
    }

  protected:
    /// The index of the field `Name` in the list of fields.
    template <FieldName Name>
    static constexpr std::size_t index = [] {
        constexpr std::size_t found = detail::FieldNames<F...>::index_of(Name.view());
        static_assert(found < sizeof...(F), "the record has no field of this name");
        return found < sizeof...(F) ? found : 0;  // prevents a second error message
    }();
    /// The causal type of the field `Name`.
    template <FieldName Name>
    using ValueOf = typename std::tuple_element_t<index<Name>, std::tuple<F...>>::value_type;

  public:
    /// Returns a read-only View of a field, such as view<"title">(). O(1).
    template <FieldName Name>
    auto view() const {
        return at<index<Name>, ValueOf<Name>>();
    }
    /// Calls visit(name, view) for each field, in the order of declaration.
    template <class Visit>
    void for_each_field(Visit&& visit) const {
        this->visit(visit);
    }
    /// Do all registers of the record, and of records within it, have values? If one replica erases
    /// a record from a map while another replica edits one field of the record, only the edit
    /// survives, and all other fields are empty. Such a partial record is not complete. Sets, flags
    /// and counters may be empty in a complete record. O(fields).
    bool is_complete() const {
        bool complete = true;
        visit([&](std::string_view, const auto& view) {
            complete = complete && detail::is_complete_in(view);
        });
        return complete;
    }
};

/// This primary template is chosen if the template arguments are not valid. It does not compile,
/// and the compiler prints the reason.
template <class... F>
class Record : detail::Refused<detail::Flaw::without_dots, typename F::value_type...> {
};  // prints why

/// A record of named fields, each of a causal type. An ORMap of records is a table with one row per
/// key.
///
/// State       the dot store of each field, and one causal context for all fields
/// Order       the order of Causal;  join: field by field
/// Bottom      all fields empty, empty context
/// Concurrent  edits of different fields all stay; edits of one field are joined by the rule of its
///             type. If the record is a value in a map, an erase of its key undoes all edits that
///             the erasing replica has received. A concurrent edit of one field survives, and
///             leaves a partial record: see is_complete()
/// Cost        the sum of the costs of the fields
/// Errors      the errors of the fields
/// Iterators   none; for_each_field() visits the fields in the order of declaration;  Threads  as a
///             standard container
/// Source      a tuple of the dot stores of Almeida, Shoker, Baquero: Delta state replicated data
///             types (JPDC 2018), 7.4
///
/// Example (tests/examples/record.cpp):
///     using Task = crdt::Record<crdt::Field<"title", crdt::MVRegister<std::string>>,
///                               crdt::Field<"done", crdt::EWFlag<>>>;
///     crdt::ORMap<std::string, Task> a;
///     a.update("1", [](Task& task) {
///         return task.update<"title">([](auto& title) { return title.assign("a", "buy milk"); });
///     });
///     crdt::ORMap<std::string, Task> b = a;
///     b.update("1", [](Task& task) {
///         return task.update<"done">([](auto& done) { return done.enable("b"); });
///     });
///     a.merge(b);  // a.view("1").view<"title">().value() == "buy milk"
template <detail::CausalField... F>
class Record<F...>
    : public CausalType<Record<F...>, NamedDotTuple<detail::FieldNames<F...>,
                                                    typename F::value_type::store_type...>>,
      public RecordReader<Record<F...>, F...> {
    using Base =
        CausalType<Record,
                   NamedDotTuple<detail::FieldNames<F...>, typename F::value_type::store_type...>>;
    using Stores = typename Base::store_type;

    static_assert(detail::FieldNames<F...>::are_distinct(), "two fields of a record have one name");

    /// Calls the mutator `change` for each field of a copy, replaces this record by the copy, and
    /// returns the join of the deltas. If `change` throws, nothing changes.
    template <class Change>
    Record update_all(Change&& change) {
        Record next = *this, delta;
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            (delta.merge(next.template update_at<Index, typename F::value_type>(change)), ...);
        }
        (std::index_sequence_for<F...>{});
        *this = std::move(next);
        return delta;
    }
    template <std::size_t Index, class Value, class Change>
    Record update_at(Change&& change) {
        return this->mutate([&](auto& state) {
            return state.template apply<Value>(Part<Index>{},
                                               [&](Value& value) { return change(value); });
        });
    }
    /// Calls `test` with one argument for each field: a pair of the field's causal type and the
    /// field's store. Returns the result of `test`.
    template <class Test>
    static constexpr auto each_of(const Stores& stores, Test&& test) {
        return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            return test(std::pair<std::type_identity<typename F::value_type>,
                                  const typename F::value_type::store_type&>{
                {}, stores.template get<Index>()}...);
        }
        (std::index_sequence_for<F...>{});
    }

  public:
    /// The base class with the read-only members. Views of a value in a map or a record use it too.
    template <class Self>
    using Reader = RecordReader<Self, F...>;
    /// The type of replica ids.
    using typename Base::id_type;
    /// The name of the type in documents.
    static constexpr std::string_view type_name = "record";
    /// Does reset() leave only context, in all fields? See CausalType.
    static constexpr bool reset_leaves_context_only =
        (F::value_type::reset_leaves_context_only && ...);
    /// Can a record look empty although its store is not? It can if any field can. See CausalType.
    static constexpr bool has_hidden_states = (F::value_type::has_hidden_states || ...);

    /// Changes the field `Name` and returns the delta. `change(value)` makes one or more mutations
    /// of the field's value and returns the join of their deltas. Cost and errors are those of
    /// `change`. If `change` throws before it changes the value, the record is unchanged.
    template <FieldName Name, class Change>
    Record update(Change&& change) {
        return update_at<Record::template index<Name>, typename Record::template ValueOf<Name>>(
            change);
    }
    /// Undoes all writes that this replica has received, in all fields. Concurrent writes stay.
    /// Returns the delta. O(size of the fields).
    Record reset(const id_type& id) {
        return update_all([&](auto& value) { return value.reset(id); });
    }
    /// The same as reset().
    Record clear(const id_type& id) { return reset(id); }
    /// Removes the dots of `id` at which resets have undone all content. Returns the delta. The
    /// visible content does not change. O(size of the fields).
    Record compact(const id_type& id) requires(!reset_leaves_context_only) {
        return update_all([&](auto& value) {
            if constexpr (requires { value.compact(id); })
                return value.compact(id);
            else
                return std::remove_cvref_t<decltype(value)>();
        });
    }

    /// Is nothing visible in any field?
    static bool is_empty(const Stores& stores) {
        return each_of(stores, [](const auto&... field) {
            return (
                std::remove_cvref_t<decltype(field)>::first_type::type::is_empty(field.second) &&
                ...);
        });
    }
    /// Does a field have amounts that `id` has added or subtracted? The context does not show
    /// whether such an amount is new, because a ResettableCounter grows at dots that are in the
    /// context already.
    static bool has_amounts_of(const Stores& stores,
                               const id_type& id) requires(!reset_leaves_context_only) {
        const auto has_amounts = [&](const auto& field) {
            using Value = typename std::remove_cvref_t<decltype(field)>::first_type::type;
            if constexpr (requires { Value::has_amounts_of(field.second, id); })
                return Value::has_amounts_of(field.second, id);
            else
                return false;
        };
        return each_of(stores, [&](const auto&... field) { return (has_amounts(field) || ...); });
    }
};

}  // namespace crdt
