// SPDX-License-Identifier: MIT
//! Journal: the file store of a node, and the schedule of its commits.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/store/file.hpp>

namespace crdt::store {

/// A FileStore in the file `DIRECTORY/NODE.sqlite`, with a schedule of commits. If a delta has a
/// callback, the next commit_if_due() commits the delta. A delta without a callback waits for up to
/// a second, because peers have it, too.
///
/// commit() writes before it returns. begin_commit(), write() and end_commit() do the same in three
/// steps. Then the owner can continue while another thread writes. Clients and peers may receive a
/// state only after its changes are durable. So compose the messages when the commit begins, and
/// send them when it has ended.
///
/// Cost     one fsync per commit, however many deltas it writes
/// Errors   those of FileStore: every member that accesses the file throws FileError
/// Threads  one thread, except for write()
template <DecomposableLattice L>
class Journal {
    using Time = replication::Time;
    using Duration = replication::Duration;

    FileStore<L> file_;
    /// The deadline of deltas without a callback.
    std::optional<Time> write_by_;

    /// Returns the name of the file. Throws FileError if the name would change the directory or
    /// hide the file.
    static std::string file_name(const std::string& node) {
        const bool plain = std::all_of(node.begin(), node.end(), [](char letter) {
            return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
                   (letter >= 'A' && letter <= 'Z') || letter == '-' || letter == '_';
        });
        if (!plain || node.size() > 200)
            throw FileError(node +
                            ": invalid name of a file, expected up to 200 letters, digits, - or _");
        return node + ".sqlite";
    }

  public:
    /// A delta without a callback is due to be committed after this time.
    static constexpr Duration max_delay = std::chrono::milliseconds{1000};

    /// Opens the store of `node` in an existing directory. If there is no file, creates it with
    /// `incarnation`, which must be a fresh number. Throws FileError for a file of another cluster,
    /// node or type, and for an invalid name.
    Journal(const std::filesystem::path& directory, const std::string& cluster,
            const std::string& node, std::uint64_t incarnation)
        : file_((directory / file_name(node)).string(), "cluster " + cluster + ", node " + node,
                incarnation) {}

    /// Returns the incarnation in the file. It was set when the file was created, or by the last
    /// reincarnate().
    std::uint64_t incarnation() const { return file_.incarnation(); }
    /// Changes the incarnation and replaces the stored state by `state`. Both changes are durable
    /// when the function returns.
    void reincarnate(std::uint64_t incarnation, const L& state) {
        file_.reincarnate(incarnation, state);
    }
    /// Returns the state loaded from the file. Later calls return bottom.
    L release() { return file_.release(); }

    /// Collects `delta`. The next commit writes it and then runs `done`. Every local change must be
    /// committed before peers receive it. Otherwise a crash can undo the change here, and the
    /// restarted replica would write another change under the same sequence number.
    void persist(const L& delta, std::function<void()> done) {
        file_.persist(delta, std::move(done));
    }
    /// Collects `delta`. It is committed within max_delay from `now`. Precondition: peers also have
    /// `delta`.
    void note(const L& delta, Time now) {
        if (!write_by_) write_by_ = now + max_delay;
        file_.note(delta);
    }

    /// Returns when commit_if_due() is due for deltas without a callback, or nothing if there are
    /// none. If a delta with a callback waits, commit_if_due() is due immediately.
    std::optional<Time> next_deadline() const { return write_by_; }
    /// Commits if a callback waits or the deadline has passed. If a callback persists a further
    /// delta, commits again.
    void commit_if_due(const L& state, Time now) {
        while (is_due(now)) commit(state);
    }
    /// Returns whether a callback waits or the deadline has passed.
    bool is_due(Time now) const { return file_.is_awaited() || (write_by_ && *write_by_ <= now); }
    /// Commits all collected deltas. `state` must contain them and the result of release().
    void commit(const L& state) {
        begin_commit(state);
        write();
        end_commit();
    }

    /// Takes all collected deltas for write(). Deltas that are collected later belong to the next
    /// commit. `state` must be as in commit(). Between this function and end_commit(),
    /// reincarnate() must not be called.
    void begin_commit(const L& state) {
        file_.begin_commit(state);
        write_by_.reset();
    }
    /// Makes the deltas that begin_commit() has taken durable. Any thread may call this function.
    /// Until it returns, the owner may call only persist(), note(), next_deadline() and is_due().
    void write() { file_.write(); }
    /// Runs the callbacks of the deltas that write() has made durable. Precondition: write() has
    /// returned, and has not thrown.
    void end_commit() { file_.end_commit(); }
};

}  // namespace crdt::store
