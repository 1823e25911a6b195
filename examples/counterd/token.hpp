// SPDX-License-Identifier: MIT
//! Token: a session with one counter, as opaque text that a client stores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "counters.hpp"
#include "request.hpp"

namespace counterd {

/// The state of one name at a node. It is compared with the content of a session.
struct Snapshot {
    Plain counter{};
    Bounded bounded{};
    RetractedCounts retracted{};
    /// What was pruned at the node.
    const Pruned* pruned = nullptr;

    Snapshot() = default;
    /// `counters` must outlive this.
    Snapshot(const Counters& counters, const std::string& name);
    /// Drops what pruned replicas have written. The node has it in the slots of the successor.
    void prune(const Pruned& ids);
};

/// The join of everything that a client has written to a counter and read from it.
class Token {
    std::uint64_t name_hash_;
    Snapshot seen_{};
    /// Whether nothing was seen.
    bool is_new_;

    /// Whether `now` contains all of `seen`, and no dot that `seen` has removed. A context covers
    /// all names, so a dot that `seen` has removed counts as removed if `now` does not have it.
    static bool has_all(const Plain& now, const Plain& seen);
    /// Whether `now` has retracted as much as `seen` has, at the slots that `now` still has.
    static bool has_retracted_all(const Snapshot& now, const Snapshot& seen);

  public:
    /// The limit of the text. Decoding takes far more memory than the size of the text.
    static constexpr std::size_t longest = std::size_t{1} << 15U;

    /// Decodes the result of text() for a counter of this name. Empty text is an empty session.
    /// Throws Error for other text, and for the session of another counter.
    explicit Token(const std::string& name, std::string_view text = "");
    /// Decodes the session of a request about `name`. Returns nothing if the request has none.
    /// Throws as above.
    static std::optional<Token> of(const Request& request, const std::string& name);

    bool is_satisfied_by(const Snapshot& now) const;
    void note(Snapshot now);

    std::string text() const;
};

}  // namespace counterd
