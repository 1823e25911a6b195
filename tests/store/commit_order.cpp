// SPDX-License-Identifier: MIT
//! Checks that the callbacks of a commit run after everything is on disk: after the last sync, with
//! no later write. Each fsync and fdatasync of this program, SQLite's too, is recorded here.
#include <cstddef>
#include <filesystem>
#include <string>
#include <thread>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <crdt/gset.hpp>
#include <crdt/store/file.hpp>
#include <crdt/store/journal.hpp>

#include "support/folder.hpp"

namespace commit_order_tests {

namespace fs = std::filesystem;

namespace {

struct Syncs {
    std::size_t count = 0;
    /// The inode of the file of the last sync.
    ino_t file = 0;
    off_t size = 0;
};
Syncs syncs;

int sync(long call, int file) {
    struct stat status {};
    ::fstat(file, &status);
    syncs = {syncs.count + 1, status.st_ino, status.st_size};
    return static_cast<int>(::syscall(call, file));
}

/// Returns whether the whole log of a store is synced.
bool is_synced(const fs::path& log) {
    struct stat status {};
    return ::stat(log.c_str(), &status) == 0 && status.st_size > 0 && syncs.file == status.st_ino &&
           syncs.size == status.st_size;
}

using Numbers = crdt::GSet<int>;

}  // namespace

extern "C" {
int fsync(int file) { return sync(SYS_fsync, file); }
int fdatasync(int file) { return sync(SYS_fdatasync, file); }
}

TEST_CASE("commit order: callbacks run after all collected deltas are synced") {
    const support::TemporaryFolder folder;
    const fs::path log = folder.path() / "n1.sqlite-wal";
    crdt::store::Journal<Numbers> journal(folder.path(), "test", "n1", 1);
    Numbers state = journal.release();
    for (int i = 0; i < 20; ++i) {
        const std::size_t before = syncs.count;
        bool done = false;
        journal.persist(state.insert(i), [&] {
            done = true;
            CHECK(syncs.count > before);
            CHECK(is_synced(log));
        });
        CHECK_FALSE(done);
        CHECK(syncs.count == before);
        journal.commit_if_due(state, {});
        CHECK(done);
    }
}

TEST_CASE("commit order: while another thread writes, deltas are collected for the next commit") {
    const support::TemporaryFolder folder;
    Numbers state;
    {
        crdt::store::Journal<Numbers> journal(folder.path(), "test", "n1", 1);
        // Some of these commits compact the file.
        for (int i = 0; i < 300; ++i) {
            std::size_t done = 0, later = 0;
            for (int j = 0; j < 100; ++j)
                journal.persist(state.insert(1000 * i + j), [&] { ++done; });
            const std::size_t before = syncs.count;
            journal.begin_commit(state);
            CHECK_FALSE(journal.is_due({}));
            std::thread writer([&] { journal.write(); });
            journal.persist(state.insert(1000 * i + 999), [&] { ++later; });
            writer.join();
            CHECK(syncs.count > before);
            CHECK(done == 0);
            journal.end_commit();
            CHECK(done == 100);
            CHECK(later == 0);
            CHECK(journal.is_due({}));
            journal.commit_if_due(state, {});
            CHECK(later == 1);
            CHECK(done == 100);
        }
        Numbers unwritten = state;
        journal.persist(unwritten.insert(-1), [] {});
        journal.begin_commit(unwritten);
    }
    crdt::store::Journal<Numbers> journal(folder.path(), "test", "n1", 2);
    CHECK(journal.incarnation() == 1);
    CHECK(journal.release() == state);
}

TEST_CASE("commit order: a new incarnation is on disk before anything is written under it") {
    const support::TemporaryFolder folder;
    crdt::store::FileStore<Numbers> store((folder.path() / "a.sqlite").string(), "a", 1);
    Numbers state;
    state.insert(1);
    const std::size_t before = syncs.count;
    store.reincarnate(2, state);
    CHECK(syncs.count > before);
    CHECK(is_synced(folder.path() / "a.sqlite-wal"));
}

}  // namespace commit_order_tests
