// SPDX-License-Identifier: MIT
//! Journal: the file store of a node, and when it is to be committed.
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

/// A FileStore in `DIRECTORY/NODE.sqlite`. What somebody waits for is committed at the next
/// commit_if_due(); what peers have too, after a second.
///
/// Errors  those of FileStore: every function that touches the file throws FileError
template <DecomposableLattice L>
class Journal {
    using Time = replication::Time;
    using Duration = replication::Duration;

    FileStore<L> file_;
    /// When what nobody waits for is written at the latest.
    std::optional<Time> write_by_;

    /// Names that would lead to another place, or hide, are refused.
    static std::string file_name(const std::string& node) {
        const bool plain = std::all_of(node.begin(), node.end(), [](char letter) {
            return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
                   (letter >= 'A' && letter <= 'Z') || letter == '-' || letter == '_';
        });
        if (!plain || node.size() > 200) throw FileError(node + ": no file can have this name");
        return node + ".sqlite";
    }

  public:
    /// What nobody waits for is written after this.
    static constexpr Duration longest_delay = std::chrono::milliseconds{1000};

    /// Opens the store of `node` in a folder that is there, or creates it as `incarnation`, a
    /// number that is new. The file of a node of another cluster is refused.
    Journal(const std::filesystem::path& directory, const std::string& cluster,
            const std::string& node, std::uint64_t incarnation)
        : file_((directory / file_name(node)).string(), "cluster " + cluster + ", node " + node,
                incarnation) {}

    /// The number that the file was created with, or goes on as.
    std::uint64_t incarnation() const { return file_.incarnation(); }
    /// Goes on as another incarnation, with `state`; see commit().
    void reincarnate(std::uint64_t incarnation, const L& state) {
        file_.reincarnate(incarnation, state);
    }
    /// What the file had when it was opened; bottom from then on.
    L take() { return file_.take(); }

    /// Runs `done` once `delta` is on disk. Every local change must come here: one that peers heard
    /// of and the file did not would be undone by the next life, which writes the same slot.
    void persist(const L& delta, std::function<void()> done) {
        file_.persist(delta, std::move(done));
    }
    /// Writes `delta`, which peers have too, within a second from `now`.
    void note(const L& delta, Time now) {
        if (!write_by_) write_by_ = now + longest_delay;
        file_.note(delta);
    }

    /// When commit_if_due() has something to do that nobody waits for.
    std::optional<Time> next_deadline() const { return write_by_; }
    /// Commits, with one fsync, if somebody waits or the time has come; and again, if what waited
    /// brought more.
    void commit_if_due(const L& state, Time now) {
        while (file_.is_awaited() || (write_by_ && *write_by_ <= now)) commit(state);
    }
    /// Commits all that was collected, which `state` holds, as it does what take() gave.
    void commit(const L& state) {
        write_by_.reset();
        file_.commit(state);
    }
};

}  // namespace crdt::store
