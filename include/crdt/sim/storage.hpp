// SPDX-License-Identifier: MIT
//! Storage: the data of a simulated replica that survives its crashes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/lattice/concepts.hpp>
#include <crdt/random.hpp>

namespace crdt::sim {

/// The kinds of crashes. They differ in what is left in the storage.
enum class CrashKind {
    complete,    ///< everything, as if it had been written in time
    torn_write,  ///< what was durable, and some of the changes that were being written
    durable,     ///< what was durable
    old_copy,    ///< an earlier copy of what was durable
    empty        ///< nothing
};

/// Returns the name of the kind, for traces.
inline const char* describe(CrashKind kind) {
    constexpr const char* names[] = {"complete", "torn write", "durable", "old copy", "empty"};
    return names[static_cast<std::size_t>(kind)];
}

/// The storage of one replica: a durable state, the changes that are not durable yet, a copy of an
/// earlier state, and the incarnation under which the replica writes.
template <DecomposableLattice L>
class Storage {
    struct Content {
        L state = {};
        std::uint64_t incarnation = 0;
    };

    Content durable_ = {};
    Content copy_ = {};
    L unwritten_ = {};
    std::uint64_t last_incarnation_ = 0;
    bool is_outdated_ = false;

  public:
    /// The durable state.
    const L& state() const { return durable_.state; }
    /// The incarnation under which the replica writes.
    std::uint64_t incarnation() const { return durable_.incarnation; }
    /// Whether this incarnation may have written more than is durable here.
    bool is_outdated() const { return is_outdated_; }

    /// Adds a change, which is not durable yet.
    void write(const L& change) { unwritten_.merge(change); }
    /// Makes all changes durable.
    void flush() {
        if (!unwritten_.is_bottom()) durable_.state.merge(std::exchange(unwritten_, L{}));
    }
    /// Replaces the copy by what is durable now.
    void copy() { copy_ = durable_; }
    /// Begins a new incarnation.
    void begin_incarnation() {
        durable_.incarnation = ++last_incarnation_;
        is_outdated_ = false;
    }
    /// Erases the durable state, and the changes that are not durable yet.
    void erase() { durable_.state = unwritten_ = L{}; }

    /// Changes the storage as a crash of this kind does.
    void crash(CrashKind kind, crdt::Random& random) {
        const L unwritten = std::exchange(unwritten_, L{});
        switch (kind) {
            case CrashKind::complete: durable_.state.merge(unwritten); break;
            case CrashKind::torn_write:
                decompose_by_ranges(unwritten, [&](const L& range) {
                    if (random.below(2) == 0) durable_.state.merge(range);
                });
                break;
            case CrashKind::durable: break;
            case CrashKind::old_copy:
                durable_ = copy_;
                is_outdated_ = true;
                break;
            case CrashKind::empty: erase(); break;
        }
    }
};

}  // namespace crdt::sim
