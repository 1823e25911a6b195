// SPDX-License-Identifier: MIT
//! Replication messages as JSON.
#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include <crdt/codec/json.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>

namespace crdt::json {

/// {"version": 1, "from_epoch": 7, "to_epoch": 9, "ack": 3, "digest": ..., "wants_digest": true,
///  "more": true, "delta": ..., "first": 3, "last": 5}, where parts that the message does not have
///  are left out.
template <DecomposableLattice L>
struct Codec<replication::Message<L>> {
    using Message = replication::Message<L>;
    static constexpr int version = 1;

    static nlohmann::json encode(const Message& message) {
        nlohmann::json json{{"version", version},
                            {"from_epoch", message.from_epoch},
                            {"to_epoch", message.to_epoch}};
        if (message.ack) json["ack"] = *message.ack;
        if (message.digest) json["digest"] = Codec<DigestOf<L>>::encode(*message.digest);
        if (message.wants_digest) json["wants_digest"] = true;
        if (message.more) json["more"] = true;
        if (message.changes) {
            json["delta"] = Codec<L>::encode(message.changes->delta);
            json["first"] = message.changes->first;
            json["last"] = message.changes->last;
        }
        return json;
    }

    static Message decode(const nlohmann::json& json, const Path& path) {
        if (read<int>(json, "version", path) != version)
            refuse("unknown version", Path(path, std::string_view("version")));
        Message message;
        message.from_epoch = read<replication::Epoch>(json, "from_epoch", path);
        message.to_epoch = read<replication::Epoch>(json, "to_epoch", path);
        if (json.contains("ack")) message.ack = read<replication::Sequence>(json, "ack", path);
        if (json.contains("digest")) message.digest = read<DigestOf<L>>(json, "digest", path);
        if (json.contains("wants_digest"))
            message.wants_digest = read<bool>(json, "wants_digest", path);
        if (json.contains("more")) message.more = read<bool>(json, "more", path);
        if (json.contains("delta")) {
            message.changes = {read<L>(json, "delta", path),
                               read<replication::Sequence>(json, "first", path),
                               read<replication::Sequence>(json, "last", path)};
        }
        return message;
    }

  private:
    template <class T>
    static T read(const nlohmann::json& json, const char* name, const Path& path) {
        return Codec<T>::decode(member(json, name, path), Path(path, std::string_view(name)));
    }
};

}  // namespace crdt::json
