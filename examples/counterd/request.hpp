// SPDX-License-Identifier: MIT
//! Request: the JSON of a client's request, with checks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <crdt/replication/time.hpp>
#include <crdt/system/error_code.hpp>

#include "applied.hpp"

namespace crdt::json {
struct Token;
}

namespace counterd {

using crdt::system::ErrorCode;
using Error = crdt::system::RequestError;

/// A request of a client. For invalid input, including null, the members throw an Error that names
/// what was expected.
class Request {
  public:
    /// The names of the members of a JSON object.
    using Members = std::set<std::string_view>;

    static constexpr std::size_t longest = std::size_t{1} << 16U;
    static constexpr std::size_t longest_name = 200, longest_id = 64;
    /// The largest number of entries of a list in a request or a reply.
    static constexpr std::size_t longest_list = 1000;

    /// Parses `bytes`, which must outlive this object. Throws Error for a member that is not in
    /// `members`. All names of counters in the request must begin with `required_prefix`.
    Request(std::string_view bytes, const Members& members, std::string required_prefix = "");
    /// Returns a copy with this deadline. The copy has its own text, so it can outlive the message.
    Request kept(crdt::replication::Time deadline) const;
    /// Returns the deadline, if kept() has set one.
    std::optional<crdt::replication::Time> deadline() const { return deadline_; }

    bool has(const char* member) const { return find(member) != nullptr; }
    /// Throws Error if the request has one of `others`, which exclude `member`.
    void expect_without(const char* member, std::initializer_list<const char*> others) const;
    /// Returns the string `member`, or an empty string if there is none.
    std::string text(const char* member) const;
    /// Returns the beginning of a counter's name, or an empty string if there is no such member.
    std::string part_of_name(const char* member) const;
    /// Returns the prefix of the names of counters that the request concerns.
    std::string prefix() const;
    /// Returns a whole number from `least` to `most`.
    std::int64_t integer(const char* member, std::int64_t least, std::int64_t most) const;
    /// Does the same, but returns `otherwise` if there is no such member.
    std::int64_t integer(const char* member, std::int64_t least, std::int64_t most,
                         std::int64_t otherwise) const;
    /// Returns an unsigned number of 64 bits.
    std::uint64_t number(const char* member) const;
    std::optional<Kind> kind(const char* member = "kind") const;
    /// Returns how long a node may wait for rights, acks or changes that the answer needs.
    crdt::replication::Duration timeout() const;

    std::string name() const;
    std::vector<std::string> names() const;
    /// Returns the id of the request, or an empty string if the request has no id.
    std::string id() const;
    /// Returns the entries of the list `adds`, each with a name, a delta, and perhaps a kind and a
    /// session.
    std::vector<Request> adds() const;

  private:
    struct Text;
    using Value = crdt::json::Token;

    std::shared_ptr<Text> text_{};
    /// The index of this JSON object among the values in the text.
    std::size_t root_ = 0;
    /// All names of counters must begin with this prefix.
    std::string required_prefix_{};
    std::optional<crdt::replication::Time> deadline_{};

    Request() = default;
    /// Returns an entry of the list `adds` as a request. `number` is the index of the entry in the
    /// text.
    Request from_element(std::size_t number, const Members& members) const;
    const Value& value(std::size_t number) const;
    const Value* find(const char* member) const;
    void expect_members(const Members& members) const;
    void expect_name(std::string_view name) const;
    /// Returns the indices of the entries of the list `member`.
    std::vector<std::size_t> elements(const char* member) const;
};

}  // namespace counterd
