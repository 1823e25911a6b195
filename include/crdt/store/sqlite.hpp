// SPDX-License-Identifier: MIT
//! FileError, and owning wrappers of the C library of SQLite.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <crdt/detail/cpp20.hpp>

#include <sqlite3.h>

namespace crdt::store {

/// An error of a store's file. what() names the file and the reason.
class FileError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

namespace detail {

/// A connection that locks an SQLite database against all other connections.
class Database {
    struct Close {
        void operator()(sqlite3* connection) const { sqlite3_close(connection); }
    };

    std::string file_;
    std::unique_ptr<sqlite3, Close> connection_;

  public:
    /// Opens `file`, or creates it in an existing directory.
    explicit Database(const std::string& file) : file_(file) {
        sqlite3* connection = nullptr;
        const int code = sqlite3_open(file.c_str(), &connection);
        connection_.reset(connection);
        expect_ok(code);
        if (sqlite3_db_readonly(connection, "main") != 0) fail("not writable");
        // SQLite holds the lock from the first access on. No other process can then read the
        // database, so SQLite needs no shared-memory file beside the log.
        run("PRAGMA locking_mode = EXCLUSIVE");
        run("PRAGMA synchronous = FULL");
    }

    sqlite3* connection() const { return connection_.get(); }

    [[noreturn]] void fail(const std::string& why) const { throw FileError(file_ + ": " + why); }

    /// Throws FileError if `code` is not SQLITE_OK.
    void expect_ok(int code) const {
        if (code == SQLITE_OK) return;
        if (code == SQLITE_BUSY) fail("in use by another process");
        const int cause = connection_ ? sqlite3_system_errno(connection_.get()) : 0;
        fail(std::string(connection_ ? sqlite3_errmsg(connection_.get()) : sqlite3_errstr(code)) +
             (cause == 0 ? "" : std::string(": ") + std::strerror(cause)));
    }

    void run(const std::string& sql) const {
        expect_ok(sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr));
    }
};

/// A prepared statement. Each bind() sets the next parameter. After reset(), the statement can run
/// again.
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

    /// Sets the next parameter to `bytes`, which must stay valid until the last step().
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

    /// Resets the statement, so that it can run again with other parameters.
    Statement& reset() {
        sqlite3_reset(handle_.get());
        bound_ = 0;
        return *this;
    }

    /// Runs the statement until its next row. Returns false if there is no further row.
    bool step() {
        const int code = sqlite3_step(handle_.get());
        if (code == SQLITE_ROW) return true;
        database_->expect_ok(code == SQLITE_DONE ? SQLITE_OK : code);
        return false;
    }

    /// Returns the bytes in `column` of the current row. They are valid until the next step().
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

}  // namespace crdt::store
