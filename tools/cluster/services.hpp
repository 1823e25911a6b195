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

/// Returns the effect of a request on a key. `current` is its value, or null if it has no value.
KvEffect kv_effect(const json& request, const json* current, Creation creation);

/// A linearizable service. It is one map.
class LinKv {
    std::map<std::string, json> values_;

  public:
    json handle(const json& request, Creation creation = Creation::honoured);
};

/// A service of two maps without replication. Each request goes to one of them.
class LwwKv {
    std::array<LinKv, 2> replicas_;
    Random random_;

  public:
    explicit LwwKv(Random random) : random_(random) {}
    json handle(const json& request);
};

/// A sequentially consistent service. A request that changes nothing may read an earlier state, but
/// never an older state than the client has read before. A request that changes something reads the
/// newest state.
/// The last 32 states are kept in a ring. As in Maelstrom, the position of a client is an index in
/// the ring. After 31 writes of others, the ring has overtaken this index, and the client may read
/// an older state than before.
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

/// A linearizable service of timestamps: 0, 1, 2, ...
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

    /// Returns the reply to a message to one of the services.
    Envelope handle(const Envelope& request);
};

}  // namespace cluster
