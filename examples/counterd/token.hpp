// SPDX-License-Identifier: MIT
//! Token: a client's session with one counter. The client stores it as an opaque text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "counters.hpp"
#include "request.hpp"

namespace counterd {

/// The state of the counters of one name, at a node or in a session.
struct Snapshot {
    Plain counter{};
    Bounded bounded{};
    RetractedCounts retracted{};
    /// The replicas that were pruned at the node.
    const Pruned* pruned = nullptr;

    Snapshot() = default;
    /// Copies the state of `name` in `counters`, which must outlive this object.
    Snapshot(const Counters& counters, const std::string& name);
    /// Drops the writes of the replicas `ids`, which were pruned. The node has these writes in the
    /// slots of the successor.
    void prune(const Pruned& ids);
};

/// The join of everything that a client has written to a counter and read from it.
class Token {
    std::uint64_t name_hash_;
    Snapshot seen_{};
    /// True if the client has not written or read anything yet.
    bool is_new_;

    /// Returns whether `now` contains all of `seen`, and no dot that was removed in `seen`. The
    /// context of `now` covers all counters. So it does not show whether a dot was removed here,
    /// and any missing dot counts as removed.
    static bool has_all(const Plain& now, const Plain& seen);
    /// Returns whether `now` has retracted at least as much as `seen`, at the slots that `now`
    /// still has.
    static bool has_retracted_all(const Snapshot& now, const Snapshot& seen);

  public:
    /// The limit of the text in bytes. Decoding takes far more memory than the text.
    static constexpr std::size_t longest = std::size_t{1} << 15U;

    /// Decodes `text`, a result of text() for the counter `name`. An empty text is an empty
    /// session. Throws Error for any other text, and for the session of another counter.
    explicit Token(const std::string& name, std::string_view text = "");
    /// Decodes the session of a request for the counter `name`. Returns nothing if the request has
    /// no session. Throws Error as the constructor does.
    static std::optional<Token> of(const Request& request, const std::string& name);

    bool is_satisfied_by(const Snapshot& now) const;
    void note(Snapshot now);

    std::string text() const;
};

}  // namespace counterd
