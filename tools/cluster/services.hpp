// SPDX-License-Identifier: MIT
//! Maelstrom's services seq-kv, lin-kv, lww-kv and lin-tso, with all anomalies that they allow.
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

/// The effect of a key-value request on the value of its key.
struct KvEffect {
    json reply;
    bool writes = false;
    json value;
};

/// Whether a compare-and-swap with the option may create a missing key.
enum class Creation { honoured, ignored };

/// The effect of a request on a key with the value `current`, or null if there is none.
KvEffect kv_effect(const json& request, const json* current, Creation creation);

/// Linearizable: one map.
class LinKv {
    std::map<std::string, json> values_;

  public:
    json handle(const json& request, Creation creation = Creation::honoured);
};

/// Two maps without replication; each request goes to one of them.
class LwwKv {
    std::array<LinKv, 2> replicas_;
    Random random_;

  public:
    explicit LwwKv(Random random) : random_(random) {}
    json handle(const json& request);
};

/// Sequential: a request without a change may see an earlier state, but never an older one than the
/// client has seen. A change sees the newest state.
///
/// The states are a ring of 32. As in Maelstrom, the position of a client is an index that the ring
/// may have overtaken: after 31 writes of others, its reads may go backwards.
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

/// All four services, by name.
class Services {
    SeqKv seq_kv_;
    LinKv lin_kv_;
    LwwKv lww_kv_;
    LinTso lin_tso_;

  public:
    explicit Services(Random random) : seq_kv_(random.fork()), lww_kv_(random.fork()) {}

    static bool has(std::string_view name);

    /// The reply to a message to one of them.
    Envelope handle(const Envelope& request);
};

}  // namespace cluster
