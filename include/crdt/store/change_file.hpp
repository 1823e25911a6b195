// SPDX-License-Identifier: MIT
//! ChangeFile: rows of bytes in an SQLite file, counted and checksummed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/codec/document.hpp>
#include <crdt/lattice/hash.hpp>
#include <crdt/store/sqlite.hpp>

namespace crdt::store::detail {

/// The file of a FileStore: a header and the encoded changes.
///
/// The header contains the identity of the replica, the type, the incarnation, the number of rows,
/// and a checksum of the rows and of the other header fields. Each transaction writes the count and
/// the checksum together with its row, so a changed or missing row is detected.
///
/// Errors  every member that accesses the file throws FileError. A failed transaction may or may
///         not be on disk, so every later transaction fails, too
class ChangeFile {
    /// The application id in the header of SQLite: "crdt".
    static constexpr std::uint64_t application = 0x63726474;
    static constexpr std::uint64_t format = 3;
    /// The rows are compacted only if all rows after the first have more bytes in total than this.
    static constexpr std::uint64_t compaction_threshold = std::uint64_t{1} << 16U;

    struct RowSummary {
        std::uint64_t count, checksum;
    };

    Database database_;
    std::string identity_, type_;
    std::uint64_t incarnation_ = 0;
    std::uint64_t rows_ = 0, checksum_ = 0;
    /// The bytes in the first row, and the bytes in all other rows. After a compaction, the state
    /// is the only row.
    std::uint64_t base_bytes_ = 0, added_bytes_ = 0;
    bool failed_ = false;
    /// The statements of a commit. The first commit prepares them.
    struct Statements {
        Statement begin, insert, update, commit;
    };
    std::optional<Statements> statements_{};

  public:
    /// Opens the file, or creates it with `incarnation`. Calls `read(bytes)` for each row, in
    /// order. `read` returns the reason why it cannot read the row, or an empty string.
    template <class Read>
    ChangeFile(const std::string& file, std::string identity, std::string type,
               std::uint64_t incarnation, Read&& read)
        : database_(file), identity_(std::move(identity)), type_(std::move(type)) {
        database_.run("BEGIN EXCLUSIVE");
        if (number_of("SELECT count(*) FROM sqlite_master") == 0) create(incarnation);
        load(check_header(), read);
        database_.run("COMMIT");
        use_log();
    }

    /// The incarnation in the header.
    std::uint64_t incarnation() const { return incarnation_; }
    /// Sets the incarnation. Call replace() next to write it.
    void set_incarnation(std::uint64_t incarnation) { incarnation_ = incarnation; }

    /// Returns whether the rows have grown to about twice the size of the first row.
    bool needs_compaction() const {
        return added_bytes_ > (std::max)(base_bytes_, compaction_threshold);
    }

    /// Runs change() in one transaction, with one fsync.
    template <class Change>
    void transact(Change&& change) {
        expect_usable();
        failed_ = true;
        run(statements().begin);
        change();
        run(statements().commit);
        failed_ = false;
    }
    /// Throws if an earlier transaction has failed.
    void expect_usable() const {
        if (failed_) database_.fail("an earlier commit failed");
    }

    /// Adds a row. Call it within a transaction.
    void append(std::string_view bytes) {
        extend_checksum(bytes);
        run(statements().insert.bind(bytes));
        write_header();
    }
    /// Replaces all rows by one. Call it within a transaction.
    void replace(std::string_view bytes) {
        database_.run("DELETE FROM changes");
        begin_checksum();
        append(bytes);
    }

  private:
    Statements& statements() {
        if (!statements_)
            statements_ = Statements{
                {database_, "BEGIN"},
                {database_, "INSERT INTO changes (delta) VALUES (?)"},
                {database_, "UPDATE header SET incarnation = ?, row_count = ?, checksum = ?"},
                {database_, "COMMIT"}};
        return *statements_;
    }
    static void run(Statement& statement) {
        statement.step();
        statement.reset();
    }

    std::uint64_t number_of(const char* query) {
        Statement statement(database_, query);
        statement.step();
        return statement.number(0);
    }

    void create(std::uint64_t incarnation) {
        database_.run("PRAGMA application_id = " + std::to_string(application) +
                      "; PRAGMA user_version = " + std::to_string(format) +
                      "; CREATE TABLE header (identity BLOB, type BLOB, forms INTEGER,"
                      " incarnation INTEGER, row_count INTEGER, checksum INTEGER);"
                      "CREATE TABLE changes (number INTEGER PRIMARY KEY, delta BLOB);");
        Statement(database_, "INSERT INTO header VALUES (?, ?, ?, 0, 0, 0)")
            .bind(identity_)
            .bind(type_)
            .bind(document_version)
            .step();
        incarnation_ = incarnation;
        begin_checksum();
        write_header();
    }

    /// Throws FileError if create() has not made the file, or has made it for another identity or
    /// type. Returns the number of rows and the checksum, as stated in the header.
    RowSummary check_header() {
        if (number_of("PRAGMA application_id") != application)
            database_.fail("a database, but not of this library");
        const std::uint64_t version = number_of("PRAGMA user_version");
        if (version != format)
            database_.fail("of format " + std::to_string(version) + ", written by " +
                           (version > format ? "a newer" : "an older") +
                           " version of this library; this one reads format " +
                           std::to_string(format));
        Statement integrity(database_, "PRAGMA integrity_check(1)");
        if (!integrity.step() || integrity.bytes(0) != "ok")
            database_.fail("damaged: " + std::string(integrity.bytes(0)));
        Statement header(
            database_,
            "SELECT identity, type, forms, incarnation, row_count, checksum FROM header");
        if (!header.step()) database_.fail("damaged: no header");
        expect_same(header.bytes(0), identity_);
        expect_same(header.bytes(1), type_);
        if (header.number(2) != document_version)
            database_.fail("states in version " + std::to_string(header.number(2)) +
                           " of their forms, expected version " + std::to_string(document_version));
        incarnation_ = header.number(3);
        begin_checksum();
        return {header.number(4), header.number(5)};
    }
    void expect_same(std::string_view found, std::string_view expected) const {
        if (found != expected)
            database_.fail("belongs to " + std::string(found) + ", not to " +
                           std::string(expected));
    }

    template <class Read>
    void load(const RowSummary& expected, Read&& read) {
        Statement rows(database_, "SELECT delta FROM changes ORDER BY number");
        std::string unreadable;
        while (rows.step()) {
            extend_checksum(rows.bytes(0));
            if (unreadable.empty()) unreadable = read(rows.bytes(0));
        }
        if (rows_ != expected.count)
            database_.fail("damaged: " + std::to_string(rows_) + " rows, its header counts " +
                           std::to_string(expected.count));
        if (checksum_ != expected.checksum) database_.fail("damaged: a checksum does not match");
        if (!unreadable.empty()) database_.fail("unreadable change: " + unreadable);
    }

    /// Switches to a write-ahead log. A commit is then one append to the log and one fsync.
    void use_log() {
        Statement mode(database_, "PRAGMA journal_mode = WAL");
        if (!mode.step() || mode.bytes(0) != "wal")
            database_.fail("the file system supports no write-ahead log");
    }

    void write_header() { run(statements().update.bind(incarnation_).bind(rows_).bind(checksum_)); }
    void begin_checksum() {
        checksum_ = hash_value(incarnation_);
        for (const std::string* name : {&identity_, &type_})
            checksum_ = hash_combine(checksum_, hash_value(*name));
        rows_ = base_bytes_ = added_bytes_ = 0;
    }
    void extend_checksum(std::string_view bytes) {
        (rows_++ == 0 ? base_bytes_ : added_bytes_) += bytes.size();
        checksum_ = hash_combine(checksum_, hash_value(bytes));
    }
};

}  // namespace crdt::store::detail
