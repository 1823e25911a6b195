// SPDX-License-Identifier: MIT
//! FileStore: a lattice in an SQLite file, safe from a crash at any moment.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/document.hpp>
#include <crdt/codec/expected.hpp>
#include <crdt/codec/type_name.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/hash.hpp>

#include <sqlite3.h>

namespace crdt::store {

/// A file that can not be used, or not any more; what() names it and says why.
class FileError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

namespace detail {

/// A connection to an SQLite database that no other connection can use meanwhile.
class Database {
    struct Close {
        void operator()(sqlite3* connection) const { sqlite3_close(connection); }
    };

    std::string file_;
    std::unique_ptr<sqlite3, Close> connection_;

  public:
    /// Opens `file`, or creates it in a directory that is there.
    explicit Database(const std::string& file) : file_(file) {
        sqlite3* connection = nullptr;
        const int code = sqlite3_open(file.c_str(), &connection);
        connection_.reset(connection);
        expect_ok(code);
        if (sqlite3_db_readonly(connection, "main") != 0) refuse("not writable");
        // The lock is held from the first access on. Read memory is not shared, so no other file
        // than the log stands beside this one.
        run("PRAGMA locking_mode = EXCLUSIVE");
        run("PRAGMA synchronous = FULL");
    }

    sqlite3* connection() const { return connection_.get(); }

    [[noreturn]] void refuse(const std::string& why) const { throw FileError(file_ + ": " + why); }

    /// Throws FileError unless `code` says that all is well.
    void expect_ok(int code) const {
        if (code == SQLITE_OK) return;
        if (code == SQLITE_BUSY) refuse("in use by another process");
        const int cause = connection_ ? sqlite3_system_errno(connection_.get()) : 0;
        refuse(std::string(connection_ ? sqlite3_errmsg(connection_.get()) : sqlite3_errstr(code)) +
               (cause == 0 ? "" : std::string(": ") + std::strerror(cause)));
    }

    void run(const std::string& sql) const {
        expect_ok(sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr));
    }
};

/// A prepared statement; it binds its parameters in their order.
class Statement {
    struct Finalize {
        void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
    };

    const Database* database_;
    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
    int bound_ = 0;

  public:
    Statement(const Database& database, const char* sql) : database_(&database) {
        sqlite3_stmt* handle = nullptr;
        const int code = sqlite3_prepare_v2(database.connection(), sql, -1, &handle, nullptr);
        handle_.reset(handle);
        database.expect_ok(code);
    }

    /// `bytes` must outlive the last step().
    Statement& bind(std::string_view bytes) {
        database_->expect_ok(
            sqlite3_bind_blob64(handle_.get(), ++bound_, bytes.data(), bytes.size(), nullptr));
        return *this;
    }
    Statement& bind(std::uint64_t number) {
        database_->expect_ok(
            sqlite3_bind_int64(handle_.get(), ++bound_, static_cast<sqlite3_int64>(number)));
        return *this;
    }

    /// Goes to the next row; false if there is none.
    bool step() {
        const int code = sqlite3_step(handle_.get());
        if (code == SQLITE_ROW) return true;
        database_->expect_ok(code == SQLITE_DONE ? SQLITE_OK : code);
        return false;
    }

    /// A column of the row, as long as the row lasts.
    std::string_view bytes(int column) const {
        const void* data = sqlite3_column_blob(handle_.get(), column);
        const int size = sqlite3_column_bytes(handle_.get(), column);
        return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
    }
    std::uint64_t number(int column) const {
        return static_cast<std::uint64_t>(sqlite3_column_int64(handle_.get(), column));
    }
};

}  // namespace detail

/// Keeps a lattice in one file: the join of its rows. Changes are collected, and each commit()
/// makes those collected since the last one durable together, with one fsync.
///
/// The header names whose file it is, and the type with all its arguments; it counts the rows and
/// holds a checksum over all of it. Each commit writes both with its row, in one transaction, so
/// that no row can change, or go, unnoticed. When rows have grown to about twice the state, the
/// state replaces them, which costs O(1) for each byte written. The store keeps no copy of the
/// state: it hands over what it has read, once, and is shown the state at each commit.
///
/// Errors  every function that touches the file throws FileError. A commit that failed can be on
///         disk or not; so the store is of no use from then on, and what waited for it is never
///         told anything.
template <DecomposableLattice L>
class FileStore {
    using Action = std::function<void()>;

    /// "crdt", in the file's header.
    static constexpr std::uint64_t application = 0x63726474;
    static constexpr std::uint64_t format = 3;
    /// Rows up to this many bytes are not worth a compaction.
    static constexpr std::uint64_t slack = std::uint64_t{1} << 16U;

    detail::Database database_;
    std::string identity_;
    std::uint64_t incarnation_ = 0;
    /// Of the rows; the checksum is that of the header, too.
    std::uint64_t rows_ = 0, checksum_ = 0;
    /// Of the first row, which is what a compaction left, and of those behind it.
    std::uint64_t base_bytes_ = 0;
    std::uint64_t added_bytes_ = 0;
    L loaded_;
    L collected_;
    std::vector<Action> waiting_;
    bool failed_ = false;

  public:
    /// Opens the store of `identity`, a text that names one replica of one cluster, or creates it,
    /// as `incarnation`: a number that no other store of this replica has ever had. A store of
    /// another identity, or of another type, is refused.
    FileStore(const std::string& file, std::string identity, std::uint64_t incarnation)
        : database_(file), identity_(std::move(identity)) {
        database_.run("BEGIN EXCLUSIVE");
        if (is_new()) create(incarnation);
        load(identify());
        database_.run("COMMIT");
        use_log();
    }

    /// The number that the file was created with, or goes on as.
    std::uint64_t incarnation() const { return incarnation_; }

    /// Goes on as another incarnation, with `state`; see commit().
    void reincarnate(std::uint64_t incarnation, const L& state) {
        transact([&] {
            incarnation_ = incarnation;
            collected_ = L{};
            compact(state);
        });
    }

    /// The join of all that had been committed when the file was opened; bottom from then on.
    L take() { return std::exchange(loaded_, L{}); }

    /// Runs `done` once `delta` is on disk: in the commit() that follows.
    void persist(const L& delta, Action done) {
        note(delta);
        waiting_.push_back(std::move(done));
    }
    /// Puts `delta` to what the next commit() writes; nobody waits for it.
    void note(const L& delta) { collected_.merge(delta); }
    /// Does anybody wait for the next commit?
    bool is_awaited() const { return !waiting_.empty(); }

    /// Makes all that was collected durable, and then runs what waited for it. `state` holds all of
    /// that, and what take() gave; it may become durable, too.
    void commit(const L& state) {
        if (!collected_.is_bottom())
            transact([&] { write(std::exchange(collected_, L{}), state); });
        expect_usable();
        for (const Action& done : std::exchange(waiting_, {})) done();
    }

  private:
    std::uint64_t number_of(const char* query) {
        detail::Statement statement(database_, query);
        statement.step();
        return statement.number(0);
    }

    bool is_new() { return number_of("SELECT count(*) FROM sqlite_master") == 0; }

    void create(std::uint64_t incarnation) {
        database_.run("PRAGMA application_id = " + std::to_string(application) +
                      "; PRAGMA user_version = " + std::to_string(format) +
                      "; CREATE TABLE header (identity BLOB, type BLOB, forms INTEGER,"
                      " incarnation INTEGER, row_count INTEGER, checksum INTEGER);"
                      "CREATE TABLE changes (number INTEGER PRIMARY KEY, delta BLOB);");
        detail::Statement(database_, "INSERT INTO header VALUES (?, ?, ?, 0, 0, 0)")
            .bind(identity_)
            .bind(type_name<L>())
            .bind(document_version)
            .step();
        incarnation_ = incarnation;
        begin_chain();
        write_header();
    }

    /// What the header says of the rows.
    struct Rows {
        std::uint64_t count, checksum;
    };

    /// Refuses whatever create() has not made for this type and identity.
    Rows identify() {
        if (number_of("PRAGMA application_id") != application)
            database_.refuse("a database, but not of this library");
        const std::uint64_t version = number_of("PRAGMA user_version");
        if (version != format)
            database_.refuse("of format " + std::to_string(version) + ", written by " +
                             (version > format ? "a newer" : "an older") +
                             " version of this library; this one reads format " +
                             std::to_string(format));
        detail::Statement integrity(database_, "PRAGMA integrity_check(1)");
        if (!integrity.step() || integrity.bytes(0) != "ok")
            database_.refuse("damaged: " + std::string(integrity.bytes(0)));
        detail::Statement header(
            database_,
            "SELECT identity, type, forms, incarnation, row_count, checksum FROM header");
        if (!header.step()) database_.refuse("damaged: without a header");
        demand(header.bytes(0), identity_);
        demand(header.bytes(1), type_name<L>());
        if (header.number(2) != document_version)
            database_.refuse("holds states in version " + std::to_string(header.number(2)) +
                             " of their forms, not in " + std::to_string(document_version));
        incarnation_ = header.number(3);
        begin_chain();
        return {header.number(4), header.number(5)};
    }

    void load(const Rows& expected) {
        detail::Statement rows(database_, "SELECT delta FROM changes ORDER BY number");
        std::string unreadable;
        while (rows.step()) {
            const std::string_view bytes = rows.bytes(0);
            extend_chain(bytes);
            if (!unreadable.empty()) continue;
            const auto delta = binary::try_decode_value<L>(bytes);
            if (delta)
                loaded_.merge(*delta);
            else
                unreadable = delta.error().to_string();
        }
        if (rows_ != expected.count)
            database_.refuse("damaged: " + std::to_string(rows_) +
                             " rows, where its header counts " + std::to_string(expected.count));
        if (checksum_ != expected.checksum) database_.refuse("damaged: a checksum does not match");
        if (!unreadable.empty()) database_.refuse("unreadable change: " + unreadable);
    }

    void demand(std::string_view actual, std::string_view expected) const {
        if (actual != expected)
            database_.refuse("belongs to " + std::string(actual) + ", not to " +
                             std::string(expected));
    }

    /// From now on, a commit is one append to a log and one fsync.
    void use_log() {
        detail::Statement mode(database_, "PRAGMA journal_mode = WAL");
        if (!mode.step() || mode.bytes(0) != "wal") database_.refuse("no write-ahead log here");
    }

    void expect_usable() const {
        if (failed_) database_.refuse("an earlier commit failed");
    }
    template <class Change>
    void transact(Change&& change) {
        expect_usable();
        failed_ = true;
        database_.run("BEGIN");
        change();
        database_.run("COMMIT");
        failed_ = false;
    }

    void write(const L& delta, const L& state) {
        if (added_bytes_ > (std::max)(base_bytes_, slack))
            compact(state);
        else
            append(delta);
    }

    void compact(const L& state) {
        database_.run("DELETE FROM changes");
        begin_chain();
        append(state);
    }

    void append(const L& delta) {
        const std::string bytes = binary::encode_value(delta);
        extend_chain(bytes);
        detail::Statement(database_, "INSERT INTO changes (delta) VALUES (?)").bind(bytes).step();
        write_header();
    }
    void write_header() {
        detail::Statement(database_,
                          "UPDATE header SET incarnation = ?, row_count = ?, checksum = ?")
            .bind(incarnation_)
            .bind(rows_)
            .bind(checksum_)
            .step();
    }

    void begin_chain() {
        checksum_ = hash_value(incarnation_);
        for (const std::string& name : {identity_, type_name<L>()})
            checksum_ = hash_combine(checksum_, hash_value(name));
        rows_ = base_bytes_ = added_bytes_ = 0;
    }
    void extend_chain(std::string_view bytes) {
        (rows_++ == 0 ? base_bytes_ : added_bytes_) += bytes.size();
        checksum_ = hash_combine(checksum_, hash_value(bytes));
    }
};

}  // namespace crdt::store
