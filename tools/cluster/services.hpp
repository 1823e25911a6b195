// SPDX-License-Identifier: MIT
//! Maelstrom's services: seq-kv, lin-kv, lww-kv and lin-tso, as weak as they may be.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "message.hpp"
#include "random.hpp"

namespace cluster {

/// What a key-value request does to the value under its key.
struct KvEffect {
    json reply;
    bool writes = false;
    json value;
};

/// Whether a compare-and-swap may make a missing key when it asks to.
enum class Creation { honoured, ignored };

/// The effect of a request on a key whose value is `current`, or null if there is none.
KvEffect kv_effect(const json& request, const json* current, Creation creation);

/// Linearizable: one map.
class LinKv {
    std::map<std::string, json> values_;

  public:
    json handle(const json& request, Creation creation = Creation::honoured);
};

/// Two maps, each request to either of them; they never hear of each other.
class LwwKv {
    std::array<LinKv, 2> replicas_;
    Random random_;

  public:
    explicit LwwKv(Random random) : random_(random) {}
    json handle(const json& request);
};

/// Sequential: what changes nothing may see a past state, though a client's view only moves on;
/// what changes something meets the newest state.
///
/// States live in a ring of 32. As upstream, a client's place is an index that the ring may have
/// overtaken: after 31 writes of others, its reads can go backwards.
class SeqKv {
    struct Version {
        std::uint64_t since;
        json value;
    };

    std::map<std::string, std::vector<Version>> keys_;
    std::map<std::string, std::uint64_t> places_;
    std::uint64_t newest_ = 0;
    Random random_;

    std::uint64_t state_in_slot_of(std::uint64_t index) const;
    const json* value_at(const std::string& key, std::uint64_t state) const;
    void write(const std::string& key, json value);

  public:
    static constexpr std::uint64_t ring = 32;

    explicit SeqKv(Random random) : random_(random) {}
    json handle(const std::string& client, const json& request);
};

/// Linearizable timestamps: 0, 1, 2, ...
class LinTso {
    std::int64_t next_ = 0;

  public:
    json handle(const json& request);
};

/// All four, by name.
class Services {
    SeqKv seq_kv_;
    LinKv lin_kv_;
    LwwKv lww_kv_;
    LinTso lin_tso_;

  public:
    explicit Services(Random random) : seq_kv_(random.fork()), lww_kv_(random.fork()) {}

    static bool has(std::string_view name);

    /// The answer to a message that is addressed to one of them.
    Envelope handle(const Envelope& request);
};

}  // namespace cluster
