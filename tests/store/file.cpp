// SPDX-License-Identifier: MIT
//! FileStore: committed state is loaded again, whatever happens to the process and the file.
#include <algorithm>
#include <bit>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <sys/resource.h>

#include <doctest/doctest.h>

#include <crdt/gcounter.hpp>
#include <crdt/gmap.hpp>
#include <crdt/gset.hpp>
#include <crdt/mvregister.hpp>
#include <crdt/ormap.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/store/file.hpp>

#include "support/folder.hpp"
#include <sqlite3.h>

namespace file_tests {

namespace fs = std::filesystem;
using crdt::GCounter;
using crdt::GSet;
using crdt::PNCounter;
using crdt::store::FileError;
using crdt::store::FileStore;
using support::TemporaryFolder;

namespace {

using Counter = GCounter<>;
using Store = FileStore<Counter>;

/// Returns a folder for thousands of files, each with some fsyncs. If the system has a file system
/// in memory, the folder is there.
fs::path fast_place() {
    return fs::is_directory("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
}

std::string bytes_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
void write_bytes(const fs::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
}

/// Runs SQL on a file, past the store.
void execute(const fs::path& file, const std::string& sql) {
    sqlite3* connection = nullptr;
    CHECK(sqlite3_open(file.c_str(), &connection) == SQLITE_OK);
    CHECK(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(connection);
}
int rows_in(const fs::path& file) {
    sqlite3* connection = nullptr;
    CHECK(sqlite3_open(file.c_str(), &connection) == SQLITE_OK);
    int rows = 0;
    const auto count = [](void* result, int, char**, char**) {
        ++*static_cast<int*>(result);
        return 0;
    };
    CHECK(sqlite3_exec(connection, "SELECT 1 FROM changes", count, &rows, nullptr) == SQLITE_OK);
    sqlite3_close(connection);
    return rows;
}

struct Fixture {
    TemporaryFolder folder{fast_place()};
    fs::path file = folder.path() / "n0.sqlite";

    Store open(std::uint64_t incarnation = 7) const {
        return Store(file.string(), "n0", incarnation);
    }
    /// Returns the reason why the file is rejected, or an empty text if it is accepted.
    std::string refusal() const {
        try {
            open();
            return "";
        } catch (const FileError& error) {
            CHECK(std::string(error.what()).find(file.string()) == 0);
            return error.what();
        }
    }
    void check_refused(const std::string& words) const {
        const std::string why = refusal();
        INFO(why);
        CHECK(why.find(words) != std::string::npos);
    }
};

/// Acts as an application: a counter, and the number of its acknowledged adds.
struct Adder {
    Counter counter;
    int acknowledged = 0;

    void add(Store& store, unsigned amount) {
        store.persist(counter.add("n0", amount), [this] { ++acknowledged; });
    }
};

/// A run of single commits. It keeps the files and the state after each commit.
struct Run {
    std::string database;
    std::string log;
    std::vector<Counter> states{Counter{}};

    Run(const Fixture& test, int commits) {
        Store store = test.open();
        Adder adder;
        for (int i = 0; i < commits; ++i) {
            adder.add(store, 1);
            store.commit(adder.counter);
            states.push_back(adder.counter);
        }
        // The store has not closed the file, as after a crash.
        database = bytes_of(test.file);
        log = bytes_of(test.file.string() + "-wal");
    }
};

}  // namespace

TEST_CASE("file store: committed state and the incarnation are loaded again") {
    const Fixture test;
    Adder adder;
    {
        Store store = test.open(7);
        CHECK(store.incarnation() == 7);
        CHECK(store.release().is_bottom());
        adder.add(store, 3);
        store.commit(adder.counter);
        adder.add(store, 4);
        store.commit(adder.counter);
    }
    Store store = test.open(8);
    CHECK(store.incarnation() == 7);
    CHECK(store.release() == adder.counter);
    CHECK(store.release().is_bottom());
}

TEST_CASE("file store: a commit acknowledges all collected adds") {
    const Fixture test;
    Adder adder;
    {
        Store store = test.open();
        CHECK(!store.is_awaited());
        for (unsigned i = 0; i < 100; ++i) adder.add(store, i);
        CHECK(store.is_awaited());
        CHECK(adder.acknowledged == 0);
        store.commit(adder.counter);
        CHECK(!store.is_awaited());
        CHECK(adder.acknowledged == 100);
    }
    CHECK(rows_in(test.file) == 1);
    CHECK(test.open().release() == adder.counter);
}

TEST_CASE("file store: a delta of bottom is acknowledged without a write") {
    const Fixture test;
    Adder adder;
    {
        Store store = test.open();
        adder.add(store, 0);
        store.commit(adder.counter);
        store.commit(adder.counter);
    }
    CHECK(adder.acknowledged == 1);
    CHECK(rows_in(test.file) == 0);
}

TEST_CASE("file store: a delta without a callback is written with the next commit") {
    const Fixture test;
    Counter theirs;
    {
        Store store = test.open();
        store.note(theirs.add("n1", 5));
        CHECK(!store.is_awaited());
        store.commit(theirs);
    }
    CHECK(test.open().release() == theirs);
}

TEST_CASE("file store: a delta that was not committed is lost when the process ends") {
    const Fixture test;
    Adder adder;
    {
        Store store = test.open();
        adder.add(store, 1);
    }
    CHECK(adder.acknowledged == 0);
    CHECK(test.open().release().is_bottom());
}

TEST_CASE("file store: a log that is torn anywhere contains the commits before the tear") {
    const Fixture first;
    const Run run(first, 4);
    REQUIRE(!run.log.empty());
    const Fixture torn;
    std::size_t known = 0;
    for (std::size_t size = 0; size <= run.log.size(); ++size) {
        write_bytes(torn.file, run.database);
        write_bytes(torn.file.string() + "-wal", run.log.substr(0, size));
        const Counter state = torn.open().release();
        if (state != run.states[known]) ++known;
        REQUIRE(known < run.states.size());
        REQUIRE(state == run.states[known]);
    }
    CHECK(known + 1 == run.states.size());
}

TEST_CASE("file store: any changed byte is detected, or does not matter") {
    const Fixture first;
    Adder adder;
    {
        Store store = first.open();
        for (int i = 0; i < 20; ++i) {
            adder.add(store, 1);
            store.commit(adder.counter);
        }
    }
    const std::string good = bytes_of(first.file);
    const Fixture damaged;
    std::size_t refused = 0;
    for (std::size_t place = 0; place < good.size(); ++place) {
        std::string bytes = good;
        bytes[place] = static_cast<char>(bytes[place] ^ (1 << place % 8));
        write_bytes(damaged.file, bytes);
        fs::remove(damaged.file.string() + "-wal");
        try {
            Store store = damaged.open();
            INFO("byte ", place);
            CHECK(store.release() == adder.counter);
        } catch (const FileError&) {
            ++refused;
        }
    }
    // At least all changed bytes of the rows must be refused.
    CHECK(refused > 20 * crdt::binary::encode_value(adder.counter).size());
}

TEST_CASE("file store: a log that is damaged anywhere contains the commits before the damage") {
    const Fixture first;
    const Run run(first, 4);
    const Fixture damaged;
    for (std::size_t place = 0; place < run.log.size(); ++place) {
        std::string log = run.log;
        log[place] = static_cast<char>(log[place] ^ (1 << place % 8));
        write_bytes(damaged.file, run.database);
        write_bytes(damaged.file.string() + "-wal", log);
        const Counter state = damaged.open().release();
        REQUIRE(std::find(run.states.begin(), run.states.end(), state) != run.states.end());
    }
}

TEST_CASE("file store: rows that were changed or moved are rejected") {
    const std::string changes[] = {
        "UPDATE changes SET delta = (SELECT delta FROM changes WHERE number = 1) WHERE number = 2",
        "UPDATE changes SET number = 9 WHERE number = 2",
        "DELETE FROM changes WHERE number = 3; "
        "INSERT INTO changes (delta) SELECT delta FROM changes WHERE number = 2",
        "UPDATE header SET incarnation = 8",
        "UPDATE header SET checksum = checksum + 1",
    };
    for (const std::string& sql : changes) {
        const Fixture test;
        { const Run run(test, 3); }
        execute(test.file, sql);
        INFO(sql);
        test.check_refused("damaged: a checksum does not match");
    }
}

TEST_CASE("file store: missing rows, also at the end, and additional ones are rejected") {
    constexpr unsigned rows = 5;
    const Fixture whole;
    { const Run run(whole, rows); }
    const std::string bytes = bytes_of(whole.file);
    const Fixture test;
    const auto check = [&](const std::string& sql, unsigned left) {
        INFO(sql);
        write_bytes(test.file, bytes);
        execute(test.file, sql);
        test.check_refused("damaged: " + std::to_string(left) + " rows, its header counts " +
                           std::to_string(rows));
    };
    for (unsigned kept = 0; kept + 1 < 1U << rows; ++kept) {
        std::string sql;
        for (unsigned row = 0; row < rows; ++row) {
            if ((kept >> row & 1U) == 0)
                sql += "DELETE FROM changes WHERE number = " + std::to_string(row + 1) + ";";
        }
        check(sql, static_cast<unsigned>(std::popcount(kept)));
    }
    check("INSERT INTO changes (delta) SELECT delta FROM changes", 2 * rows);
}

TEST_CASE("file store: a compaction and a new incarnation count the rows from one") {
    const Fixture test;
    Adder adder;
    {
        Store store = test.open(7);
        for (int i = 0; i < 3; ++i) {
            adder.add(store, 1);
            store.commit(adder.counter);
        }
        store.reincarnate(8, adder.counter);
        adder.add(store, 1);
        store.commit(adder.counter);
    }
    CHECK(rows_in(test.file) == 2);
    Store store = test.open(9);
    CHECK(store.incarnation() == 8);
    CHECK(store.release() == adder.counter);
}

namespace {

/// Opens the file of `state` as the store of another type.
template <class Other>
void check_refused_as(const auto& state, const std::string& words) {
    using State = std::decay_t<decltype(state)>;
    const TemporaryFolder folder{fast_place()};
    const std::string file = (folder.path() / "n0.sqlite").string();
    {
        FileStore<State> store(file, "n0", 7);
        store.note(state);
        store.commit(state);
    }
    CHECK_THROWS_WITH_AS(FileStore<Other>(file, "n0", 7), doctest::Contains(words.c_str()),
                         FileError);
    CHECK(FileStore<State>(file, "n0", 7).release() == state);
}

}  // namespace

TEST_CASE("file store: a state with other type arguments is rejected, nested ones too") {
    GSet<std::uint32_t> set;
    set.insert(7);
    set.insert(8);
    check_refused_as<GSet<std::int32_t>>(set, "belongs to gset<u32>, not to gset<i32>");

    crdt::ORMap<std::string, crdt::MVRegister<std::int64_t>> map;
    map.update("x", [](auto& value) { return value.assign("a", 21); });
    check_refused_as<crdt::ORMap<std::string, crdt::MVRegister<std::uint64_t>>>(
        map, "not to ormap<text,mvregister<u64,text>>");

    crdt::GMap<std::string, Counter> counters;
    counters.update("x", [](auto& counter) { return counter.add("a", 4); });
    check_refused_as<crdt::GMap<std::string, crdt::GMap<std::string, crdt::Max<std::int64_t>>>>(
        counters, "belongs to gmap<text,gcounter<text,u64>>, not to");
}

TEST_CASE("file store: only one process can open a file") {
    const Fixture test;
    std::optional<Store> store(std::in_place, test.file.string(), "n0", 7U);
    test.check_refused("in use by another process");
    store.reset();
    CHECK(test.refusal() == "");
}

TEST_CASE("file store: the file of another replica, type or format is rejected and unchanged") {
    const Fixture test;
    { const Run run(test, 1); }
    SUBCASE("another type") {
        CHECK_THROWS_WITH_AS(
            FileStore<PNCounter<>>(test.file.string(), "n0", 7),
            doctest::Contains("belongs to gcounter<text,u64>, not to pncounter<text,u64>"),
            FileError);
    }
    SUBCASE("another replica") {
        CHECK_THROWS_WITH_AS(Store(test.file.string(), "n1", 7),
                             doctest::Contains("belongs to n0, not to n1"), FileError);
    }
    SUBCASE("a newer version") {
        execute(test.file, "PRAGMA user_version = 4");
        test.check_refused("of format 4, written by a newer version");
    }
    SUBCASE("an older version") {
        execute(test.file, "PRAGMA user_version = 2");
        test.check_refused(
            "of format 2, written by an older version of this library; this one reads format 3");
    }
    SUBCASE("another version of the forms") {
        execute(test.file, "UPDATE header SET forms = 1");
        test.check_refused("states in version 1 of their forms, expected version 2");
    }
    SUBCASE("another application's database") {
        execute(test.file, "PRAGMA application_id = 1");
        test.check_refused("not of this library");
    }
    SUBCASE("no header") {
        execute(test.file, "DELETE FROM header");
        test.check_refused("no header");
    }
    SUBCASE("no database") {
        write_bytes(test.file, std::string(5000, 'x'));
        test.check_refused("not a database");
        CHECK(bytes_of(test.file) == std::string(5000, 'x'));
    }
    SUBCASE("no folder") {
        fs::remove_all(test.folder.path());
        test.check_refused("No such file or directory");
    }
}

TEST_CASE("file store: the rows are compacted to the state, and the file stays small") {
    const Fixture test;
    Counter counter;
    {
        Store store = test.open();
        for (int i = 0; i < 5000; ++i) {
            store.persist(counter.add("a replica with a name of some length", 1), [] {});
            store.commit(counter);
        }
    }
    CHECK(test.open().release() == counter);
    CHECK(rows_in(test.file) < 2000);
    CHECK(fs::file_size(test.file) < 256U << 10U);
}

TEST_CASE("file store: the larger the state is, the less often it is compacted") {
    const Fixture test;
    GSet<int> set;
    {
        FileStore<GSet<int>> store(test.file.string(), "n0", 7);
        for (int i = 0; i < 200000; ++i) {
            store.note(set.insert(i));
            if (i % 100 == 0) store.commit(set);
        }
        store.commit(set);
    }
    CHECK(FileStore<GSet<int>>(test.file.string(), "n0", 7).release() == set);
    const std::size_t state_size = crdt::binary::encode(set).size();
    CHECK(fs::file_size(test.file) < 4 * state_size);
}

TEST_CASE("file store: after a failed commit nothing is acknowledged, not even by a later one") {
    const Fixture test;
    Adder adder;
    Store store = test.open();
    adder.add(store, 1);
    store.commit(adder.counter);
    CHECK(adder.acknowledged == 1);
    const Counter safe = adder.counter;

    // A full disk: files cannot grow.
    rlimit normal{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &normal) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit full{fs::file_size(test.file.string() + "-wal"), normal.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &full) == 0);
    adder.add(store, 1);
    CHECK_THROWS_AS(store.commit(adder.counter), FileError);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &normal) == 0);
    std::signal(SIGXFSZ, handler);

    adder.add(store, 1);
    CHECK_THROWS_WITH_AS(store.commit(adder.counter), doctest::Contains("an earlier commit failed"),
                         FileError);
    CHECK(adder.acknowledged == 1);
    { const Store closed = std::move(store); }
    CHECK(test.open().release() == safe);
}

}  // namespace file_tests
