// SPDX-License-Identifier: MIT
//! CachedCount: a count that is computed when it is read, and kept until a change may have made it
//! wrong.
#pragma once

#include <cstddef>
#include <limits>
#include <utility>

#include <crdt/detail/cpp20.hpp>
#ifndef __GNUC__
#include <atomic>
#endif

namespace crdt::detail {

/// A cached count is not part of the state, so equal states may have different cached counts.
/// Several threads can read a count at the same time, as they can read the state that contains it.
class CachedCount {
  public:
    static constexpr std::size_t unknown = (std::numeric_limits<std::size_t>::max)();

    CachedCount() = default;
    CachedCount(const CachedCount& other) noexcept { set(other.get()); }
    CachedCount& operator=(const CachedCount& other) noexcept {
        set(other.get());
        return *this;
    }

    /// Returns the count. If it is unknown, computes it with `count_all`.
    template <class CountAll>
    std::size_t get_or(CountAll&& count_all) const {
        std::size_t count = get();
        if (count == unknown) set(count = count_all());
        return count;
    }
    /// Calls `change`, which changes the counted container, and updates the count. `part` returns
    /// the portion of the count that the change can affect. If the count is known, calls `part`
    /// before and after the change. A change that throws leaves the count unknown.
    template <class Part, class Change>
    auto around(Part&& part, Change&& change) {
        const std::size_t before = get();
        if (before == unknown) return change();
        const std::size_t rest = before - part();
        set(unknown);
        auto result = change();
        set(rest + part());
        return result;
    }
    /// Calls `join`. If it returns true, or a delta that is not bottom, the state has changed, and
    /// the count becomes unknown. Otherwise the count stays the same.
    template <class Join>
    auto around_join(Join&& join) {
        const std::size_t before = get();
        set(unknown);
        auto result = join();
        if (!has_grown(result)) set(before);
        return result;
    }
    bool is_known() const { return get() != unknown; }
    void invalidate() { set(unknown); }

  private:
    static bool has_grown(bool grew) { return grew; }
    static bool has_grown(const auto& delta) { return !delta.is_bottom(); }

#ifdef __GNUC__  // <atomic> is large
    mutable std::size_t count_ = unknown;
    std::size_t get() const { return __atomic_load_n(&count_, __ATOMIC_RELAXED); }
    void set(std::size_t count) const { __atomic_store_n(&count_, count, __ATOMIC_RELAXED); }
#else
    mutable std::atomic<std::size_t> count_{unknown};
    std::size_t get() const { return count_.load(std::memory_order_relaxed); }
    void set(std::size_t count) const { count_.store(count, std::memory_order_relaxed); }
#endif
};

}  // namespace crdt::detail
