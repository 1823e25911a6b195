// SPDX-License-Identifier: MIT
//! Request: the checked JSON of a client.
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

/// A request of a client. Invalid input, including null, throws an Error that names what was
/// expected.
class Request {
  public:
    /// The names of members.
    using Members = std::set<std::string_view>;

    static constexpr std::size_t longest = std::size_t{1} << 16U;
    static constexpr std::size_t longest_name = 200, longest_id = 64;
    /// The limit of the lists in requests and replies.
    static constexpr std::size_t longest_list = 1000;

    /// Parses `bytes`, which must outlive this. Throws Error for members other than these. The
    /// names in the request must begin with `required_prefix`.
    Request(std::string_view bytes, const Members& members, std::string required_prefix = "");
    /// Returns a copy with its own text and this deadline.
    Request kept(crdt::replication::Time deadline) const;
    /// The deadline, if kept() has set one.
    std::optional<crdt::replication::Time> deadline() const { return deadline_; }

    bool has(const char* member) const { return find(member) != nullptr; }
    /// Throws Error if it has one of `others` beside `member`.
    void expect_without(const char* member, std::initializer_list<const char*> others) const;
    /// Returns the string `member`, or an empty string if there is none.
    std::string text(const char* member) const;
    /// Returns the beginning of a name in the same way.
    std::string part_of_name(const char* member) const;
    /// Returns the prefix of the names that are requested.
    std::string prefix() const;
    /// Returns a whole number from `least` to `most`.
    std::int64_t integer(const char* member, std::int64_t least, std::int64_t most) const;
    /// Returns `otherwise` if there is no such member.
    std::int64_t integer(const char* member, std::int64_t least, std::int64_t most,
                         std::int64_t otherwise) const;
    /// Returns a number of 64 bits, which is not negative.
    std::uint64_t number(const char* member) const;
    std::optional<Kind> kind(const char* member = "kind") const;
    /// The longest time that a node may wait for what the answer needs.
    crdt::replication::Duration timeout() const;

    std::string name() const;
    std::vector<std::string> names() const;
    /// Returns the id of the request, or an empty string if it has none.
    std::string id() const;
    /// Returns the entries of the list `adds`, each with a name, a delta, and perhaps a kind and a
    /// session.
    std::vector<Request> adds() const;

  private:
    struct Text;
    using Value = crdt::json::Token;

    std::shared_ptr<Text> text_{};
    /// The number of this object in the text.
    std::size_t root_ = 0;
    /// All names must begin with this.
    std::string required_prefix_{};
    std::optional<crdt::replication::Time> deadline_{};

    Request() = default;
    /// Returns an object of the text with a number, an entry of the list `adds`.
    Request from_element(std::size_t number, const Members& members) const;
    const Value& value(std::size_t number) const;
    const Value* find(const char* member) const;
    void expect_members(const Members& members) const;
    void expect_name(std::string_view name) const;
    /// Returns the numbers of the entries of a list.
    std::vector<std::size_t> elements(const char* member) const;
};

}  // namespace counterd
