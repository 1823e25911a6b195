// SPDX-License-Identifier: MIT
//! CounterStore: the counters of this node. They are replicated and, if there is a folder, durable.
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

#include "commit_thread.hpp"
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

/// All changes of the counters go through this class. Precondition: no message to clients or peers
/// that reports a change is sent before the next commit has ended.
///
/// Errors   the constructor, replace(), and all functions about commits throw
///          crdt::store::FileError. The constructor throws std::system_error if the system has no
///          thread
/// Threads  one thread, and one of its own for commits
class CounterStore {
    Gossip* gossip_;
    std::unique_ptr<crdt::store::Journal<Counters>> journal_;
    std::optional<CommitThread> thread_;
    /// Has a commit begun that end_commit() has not ended?
    bool is_committing_ = false;
    /// How long the last commit has taken. The thread that writes a commit sets it, so it is read
    /// only when no commit is written.
    Duration last_commit_{};
    std::function<void(const CounterKey&)> on_change_;
    std::uint64_t removals_ = 0;
    bool is_resumed_ = false;
    /// Does the journal lack a change of the state?
    bool is_behind_ = false;
    RequestWindow window_;
    /// Requests that several nodes have applied.
    std::set<std::string> contested_;
    std::function<bool()> must_not_settle_;
    /// When settle() is next tried for the contested requests.
    Time settle_at_{};
    /// The incarnations of this node in this run.
    std::set<ReplicaId> own_;

    void write();
    void reincarnate(std::uint64_t incarnation);
    void grow(const Counters& growth);
    Counters apply(const Mutator& mutate);
    void catch_up();
    void enter_records(const Counters& delta, Time now);
    void settle(const std::string& request);
    void tidy(Time now);

  public:
    /// Loads the counters from the file of this node in `directory`, or stores nothing if
    /// `directory` is empty. If `trusted` is true, the file is used as current without a
    /// confirmation by a peer. `on_change` is called for each counter that may have changed.
    /// Another thread calls `on_written` at the end of each commit that it writes. `gossip` must
    /// outlive this object.
    CounterStore(Gossip& gossip, const std::filesystem::path& directory, bool trusted,
                 std::function<void(const CounterKey&)> on_change,
                 std::function<void()> on_written);
    ~CounterStore();
    CounterStore(const CounterStore&) = delete;
    CounterStore& operator=(const CounterStore&) = delete;

    const Counters& counters() const { return gossip_->state(); }
    /// Returns how many changes of peers have removed something. If this node never had the removed
    /// dots, it cannot determine which counter a removal concerns.
    std::uint64_t removals() const { return removals_; }

    /// Runs `mutate`, which changes the counters `keys`. Throws the exceptions of `mutate`. The
    /// change is durable when the next commit has ended.
    void change(const std::vector<CounterKey>& keys, const Mutator& mutate);

    /// Sets a condition: while `is_forbidden` returns true, settle() is not called for any request.
    void forbid_to_settle(std::function<bool()> is_forbidden) {
        must_not_settle_ = std::move(is_forbidden);
    }

    /// Returns when commit_if_due() is due for changes of peers. Changes of this node are due
    /// immediately.
    std::optional<Time> next_deadline() const;
    /// Begins a commit if a change of this node waits, or if a change of a peer has waited long
    /// enough. Before the commit, erases the records of requests that have left the window. If
    /// `is_loaded` and the last commit was slow, another thread writes the commit, and the function
    /// returns true. Otherwise no commit is written on return. Precondition: end_commit() has ended
    /// the last commit.
    bool commit_if_due(Time now, bool is_loaded);
    /// Returns whether the other thread still writes a commit.
    bool is_writing() { return is_committing_ && thread_->is_writing(); }
    /// Waits until the commit that has begun is durable. If it has failed, each call throws.
    void end_commit();
    /// Commits all collected changes.
    void commit();
    /// Returns the incarnations under which this node has written, or may have, in this run.
    const std::set<ReplicaId>& own_incarnations() const { return own_; }
    /// Returns whether there is a folder.
    bool is_durable() const { return journal_ != nullptr; }
    /// Returns whether the lasting incarnation was read from a file.
    bool is_resumed() const { return is_resumed_; }
    /// Replaces the stored state and the stored incarnation. Call it if the state was replaced, and
    /// not only changed by deltas. Both are durable on return.
    void replace();
    /// Makes the next commit write the whole state. Call it after an error between a change of the
    /// state and its journal entry.
    void rewrite() { is_behind_ = journal_ != nullptr; }
};

}  // namespace counterd
