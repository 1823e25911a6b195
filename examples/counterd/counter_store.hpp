// SPDX-License-Identifier: MIT
//! CounterStore: the counters of this node, replicated and, with a folder, durable.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <crdt/system/clock.hpp>

#include "counters.hpp"
#include "gossip.hpp"
#include "request_window.hpp"

namespace crdt::store {
template <DecomposableLattice L>
class Journal;
}

namespace counterd {

using crdt::replication::Duration;
using crdt::replication::Time;
using crdt::system::monotonic_now;

/// Makes all changes of the counters. Between a change and the following commit_if_due(), no
/// message may be sent to clients or peers.
///
/// Errors  the constructor and commit_if_due() throw crdt::store::FileError
class CounterStore {
    Gossip* gossip_;
    std::unique_ptr<crdt::store::Journal<Counters>> journal_;
    std::function<void(const CounterKey&)> on_change_;
    std::uint64_t removals_ = 0;
    bool is_resumed_ = false;
    /// Whether the journal lacks a change of the state.
    bool is_behind_ = false;
    RequestWindow window_;
    /// Requests that several nodes have applied.
    std::set<std::string> contested_;
    std::function<bool()> must_not_settle_;
    /// When the contested requests are due again.
    Time settle_at_{};
    /// The incarnations of this node in this run.
    std::set<ReplicaId> own_;

    void grow(const Counters& growth);
    Counters apply(const Mutator& mutate);
    void catch_up();
    void enter_records(const Counters& delta, Time now);
    void settle(const std::string& request);
    void tidy(Time now);

  public:
    /// `gossip` must outlive this. If `directory` is empty, nothing is stored. `trusted` means that
    /// the file is certainly not an old copy. `on_change` is called for each counter that may have
    /// changed.
    CounterStore(Gossip& gossip, const std::filesystem::path& directory, bool trusted,
                 std::function<void(const CounterKey&)> on_change);
    ~CounterStore();
    CounterStore(const CounterStore&) = delete;
    CounterStore& operator=(const CounterStore&) = delete;

    const Counters& counters() const { return gossip_->state(); }
    /// The number of times that peers have removed something. If this node never had the removed
    /// dots, the removal does not name a counter.
    std::uint64_t removals() const { return removals_; }

    /// Runs a delta-mutator that changes these counters. Throws what the mutator throws. The change
    /// is durable after commit_if_due().
    void change(const std::vector<CounterKey>& keys, const Mutator& mutate);

    /// While `is_forbidden` returns true, no request is settled that several nodes have applied.
    void forbid_to_settle(std::function<bool()> is_forbidden) {
        must_not_settle_ = std::move(is_forbidden);
    }

    /// When commit_if_due() is due, unless a change waits.
    std::optional<Time> next_deadline() const;
    /// Commits if a change of this node waits, or a change of a peer has waited long enough. First
    /// erases the records of requests that have left the window.
    void commit_if_due(Time now);
    /// Commits all collected changes.
    void commit();
    /// Whether the incarnation comes from a file.
    bool is_resumed() const { return is_resumed_; }
    /// Stores the state, which does not follow from the one before, and the incarnation. Both are
    /// durable on return.
    void replace();
    /// Makes the next commit write the whole state. Call it after an error between a change of the
    /// state and its journal entry.
    void rewrite() { is_behind_ = journal_ != nullptr; }
};

}  // namespace counterd
