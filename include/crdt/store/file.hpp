// SPDX-License-Identifier: MIT
//! FileStore: a lattice in an SQLite file that survives a crash at any time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/expected.hpp>
#include <crdt/codec/type_name.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/store/change_file.hpp>
#include <crdt/store/sqlite.hpp>

namespace crdt::store {

/// Stores a lattice in one file. The stored state is the join of the rows in the file. The store
/// collects deltas in memory. commit() makes all collected deltas durable, with one fsync.
/// begin_commit(), write() and end_commit() do the same in three steps. Then write() can run in
/// another thread, while the thread of the owner collects deltas for the next commit.
///
/// The store keeps no copy of the state. release() returns the loaded state once, and the caller
/// passes the current state to each commit(). When the rows have grown to about twice the size of
/// the state, commit() replaces them by the state. The file contains the names of its replica and
/// of its type; see detail::ChangeFile.
///
/// Cost     commit() encodes the collected deltas; compaction adds O(1) per byte written
/// Errors   every member that accesses the file throws FileError. After a failed commit, the
///          collected deltas may or may not be on disk. Their callbacks never run, and every later
///          commit fails, too
/// Threads  one thread, except for write()
template <DecomposableLattice L>
class FileStore {
    using Action = std::function<void()>;

    L loaded_;
    L collected_;
    std::vector<Action> waiting_;
    /// What write() writes: either `taken_`, or the encoded state, which replaces all rows.
    L taken_;
    std::string image_;
    /// The callbacks of the commit that has begun.
    std::vector<Action> taken_waiting_;
    detail::ChangeFile file_;

  public:
    /// Opens the store of the replica that the text `identity` names. The text must name one
    /// replica of one cluster. If there is no file, creates it with `incarnation`, which must be a
    /// number that no other store of this replica has ever had. Throws FileError if the file has
    /// another identity or type, is damaged, or is in use.
    FileStore(const std::string& file, std::string identity, std::uint64_t incarnation)
        : file_(file, std::move(identity), type_name<L>(), incarnation,
                [this](std::string_view bytes) { return load(bytes); }) {}

    /// Returns the incarnation in the file. It was set when the file was created, or by the last
    /// reincarnate().
    std::uint64_t incarnation() const { return file_.incarnation(); }

    /// Changes the incarnation and replaces all rows by `state`. Both changes are durable when the
    /// function returns.
    void reincarnate(std::uint64_t incarnation, const L& state) {
        file_.transact([&] {
            file_.set_incarnation(incarnation);
            collected_ = L{};
            file_.replace(binary::encode_value(state));
        });
    }

    /// Returns the state loaded from the file. Later calls return bottom.
    L release() { return std::exchange(loaded_, L{}); }

    /// Collects `delta`. The next commit() writes it and then runs `done`.
    void persist(const L& delta, Action done) {
        note(delta);
        waiting_.push_back(std::move(done));
    }
    /// Collects `delta` for the next commit(), without a callback.
    void note(const L& delta) { collected_.merge(delta); }
    /// Returns whether a callback waits for the next commit().
    bool is_awaited() const { return !waiting_.empty(); }

    /// Makes all collected deltas durable, then runs their callbacks. `state` must contain the
    /// collected deltas and the result of release(); a compaction writes `state`.
    void commit(const L& state) {
        begin_commit(state);
        write();
        end_commit();
    }

    /// Takes all collected deltas for write(). `state` must be as in commit(). Between this
    /// function and end_commit(), reincarnate() must not be called.
    void begin_commit(const L& state) {
        if (!collected_.is_bottom() && file_.needs_compaction())
            image_ = binary::encode_value(state);
        taken_.merge(collected_);
        collected_ = L{};
        for (Action& done : waiting_) taken_waiting_.push_back(std::move(done));
        waiting_.clear();
    }
    /// Makes the deltas that begin_commit() has taken durable. Any thread may call this function.
    /// Meanwhile the other members may not be called, except persist(), note() and is_awaited().
    void write() {
        file_.expect_usable();
        if (taken_.is_bottom()) return;
        file_.transact([&] {
            if (image_.empty())
                file_.append(binary::encode_value(taken_));
            else
                file_.replace(image_);
        });
        taken_ = L{};
        image_ = std::string();
    }
    /// Runs the callbacks of the deltas that write() has made durable. Precondition: write() has
    /// returned, and has not thrown.
    void end_commit() {
        for (const Action& done : std::exchange(taken_waiting_, {})) done();
    }

  private:
    std::string load(std::string_view bytes) {
        auto delta = binary::try_decode_value<L>(bytes);
        if (!delta) return delta.error().to_string();
        if (loaded_.is_bottom())
            loaded_ = *std::move(delta);
        else
            loaded_.merge(*delta);
        return {};
    }
};

}  // namespace crdt::store
