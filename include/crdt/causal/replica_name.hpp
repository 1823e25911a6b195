// SPDX-License-Identifier: MIT
//! ReplicaName: the id of a replica, as dots store it.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <crdt/detail/inlining.hpp>
#include <crdt/detail/shared.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt {

namespace detail {

/// A type other than U that can be converted to an Id.
template <class T, class U, class Id>
concept SourceOf = !std::same_as<std::remove_cvref_t<T>, U> && std::convertible_to<T, Id>;

}  // namespace detail

/// An id that is stored in one object, which all copies share. A copy takes eight bytes and
/// increments a counter, however long the id is. A SharedId is used like the id itself.
///
/// Threads different threads can use different copies at the same time
template <ReplicaId Id>
class SharedId {
    detail::Shared<Id> id_;  // empty for the default id

    CRDT_NOINLINE static bool equal_ids(const Id& a, const Id& b) { return a == b; }
    CRDT_NOINLINE static const Id& default_id() {
        static const Id none{};
        return none;
    }

  public:
    /// An object can be moved by copying its bytes. See detail/relocatable.hpp.
    static constexpr bool is_relocatable = true;

    /// Makes the default id, such as the empty string.
    SharedId() = default;
    /// Stores `id` in a new object, which later copies share.
    template <detail::SourceOf<SharedId, Id> T>
    SharedId(T&& id)  // NOLINT: implicit, like a copy of the id
        : id_(std::in_place, std::forward<T>(id)) {
        if (*id_ == Id{}) id_ = {};
    }

    /// Makes an id from `arguments` in a new object, which later copies share. Precondition: the id
    /// is not the default id.
    template <class... Arguments>
    explicit SharedId(std::in_place_t, Arguments&&... arguments)
        : id_(std::in_place, std::forward<Arguments>(arguments)...) {}

    /// Returns the id.
    const Id& get() const { return id_ ? *id_ : default_id(); }
    /// Returns the id.
    operator const Id&() const { return get(); }  // NOLINT: used like the id itself
    /// Do both share one object? Equal ids can also be in separate objects.
    bool shares(const SharedId& other) const { return id_.shares(other.id_); }

    /// Are the ids equal?
    friend bool operator==(const SharedId& a, const SharedId& b) {
        return a.shares(b) || equal_ids(a.get(), b.get());
    }
    /// Are the ids equal? `b` is an Id, or can be converted to an Id.
    template <detail::SourceOf<SharedId, Id> T>
    friend bool operator==(const SharedId& a, const T& b) {
        return a.get() == b;
    }
    /// The order of the ids.
    friend std::strong_ordering operator<=>(const SharedId& a, const SharedId& b) {
        return a.shares(b) ? std::strong_ordering::equal : a <=> b.get();
    }
    /// The order of the ids. `b` is an Id, or can be converted to an Id.
    template <detail::SourceOf<SharedId, Id> T>
    friend std::strong_ordering operator<=>(const SharedId& a, const T& b) {
        if constexpr (std::three_way_comparable_with<Id, T, std::strong_ordering>)
            return a.get() <=> b;
        if (a.get() < b) return std::strong_ordering::less;
        return b < a.get() ? std::strong_ordering::greater : std::strong_ordering::equal;
    }
    /// Returns the hash of the id.
    friend std::uint64_t hash_value(const SharedId& a) { return detail::hash_of(a.get()); }
};

namespace detail {

/// An id that dots store directly, because a copy of it is as cheap as a copy of a few numbers. (A
/// std::tuple of numbers is a SmallId, although its assignment is not trivial.)
template <class Id>
concept SmallId = std::is_trivially_copy_constructible_v<Id> &&
                  std::is_trivially_destructible_v<Id> && sizeof(Id) <= 32;

}  // namespace detail

/// The id of a replica, as dots store it. A small id, such as a number, is stored directly. Any
/// other id is stored as a SharedId, so dots have a fixed size, and a long id is in memory only
/// once.
template <ReplicaId Id>
using ReplicaName = std::conditional_t<detail::SmallId<Id>, Id, SharedId<Id>>;

}  // namespace crdt
