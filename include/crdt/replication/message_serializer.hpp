// SPDX-License-Identifier: MIT
//! The serializers of all messages between replicas, and of session tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/forms/lattice.hpp>
#include <crdt/codec/forms/sequence.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/pruning_message.hpp>
#include <crdt/replication/session.hpp>
#include <crdt/replication/sketch.hpp>

namespace crdt {

/// A session is serialized as the list of its digests. The list usually has one element.
template <DecomposableLattice L>
struct Serializer<replication::Session<L>> {
    static void write(auto& out, const replication::Session<L>& session) {
        serialize(out, session.seen());
    }
    static replication::Session<L> read(auto& in) {
        return replication::Session<L>(deserialize<std::vector<DigestOf<L>>>(in));
    }
};

template <>
struct Serializer<replication::Sketch> {
    static void write(auto& out, const replication::Sketch& sketch) {
        serialize_tuple(out, sketch.key(), sketch.sums());
    }
    static replication::Sketch read(auto& in) {
        auto [key, sums] = deserialize_tuple<std::uint64_t, replication::Sketch::Sums>(in);
        if (replication::Sketch::is_size(sums.size())) return {key, std::move(sums)};
        in.fail("sketch of another size");
        return {};
    }
};

template <>
struct Serializer<replication::Fingerprint> {
    static void write(auto& out, const replication::Fingerprint& fingerprint) {
        serialize_tuple(out, fingerprint.key, fingerprint.digest, fingerprint.state);
    }
    static replication::Fingerprint read(auto& in) {
        const auto [key, digest, state] =
            deserialize_tuple<std::uint64_t, std::uint64_t, std::uint64_t>(in);
        return {key, digest, state};
    }
};

/// {"version": 4, "from_epoch": 7, "to_epoch": 9, "ack": 3, "delta": ..., "first": 3, "last": 5,
///  "more_pieces": true, "transfer": 2, "digest": ..., "wants_digest": true, "sketch": [key,
///  [...]], "generation": 1, "own_sketch": [key, [...]], "invites_request": true, "answer_pending":
///  true, "fingerprint": [key, digest, state], "followed": [[epoch, position], ...]}, without
/// absent fields. `more_pieces`, `transfer` and `own_sketch` belong to the changes.
template <DecomposableLattice L>
struct Serializer<replication::Message<L>> {
    using Message = replication::Message<L>;
    static constexpr std::uint64_t version = 4;

    static void write(auto& out, const Message& message) {
        out.begin_struct();
        serialize(out.member("version"), version);
        serialize(out.member("from_epoch"), static_cast<std::uint64_t>(message.from_epoch));
        serialize(out.member("to_epoch"), static_cast<std::uint64_t>(message.to_epoch));
        out.parts(parts_of(message));
        for_each_part(message, [&](const char* name, const auto& part) {
            if (is_there(part)) write_part(out, name, part);
        });
    }
    static Message read(auto& in) {
        Message message;
        expect_version(in.member("version"), version);
        message.from_epoch =
            replication::Epoch{deserialize<std::uint64_t>(in.member("from_epoch"))};
        message.to_epoch = replication::Epoch{deserialize<std::uint64_t>(in.member("to_epoch"))};
        std::uint64_t parts = in.parts(part_names());
        for_each_part(message, [&](const char* name, auto&& part) {
            if ((parts & 1U) != 0) read_part(in, name, part);
            parts >>= 1U;
        });
        return message;
    }

  private:
    using Changes = replication::Changes<L>;
    using TransferKind = replication::TransferKind;

    /// Calls visit(name, field) for each optional field of `message`. The name is that of the first
    /// JSON member of the field: the changes, for example, have the name `delta`. In the binary
    /// form, the n-th bit shows whether the n-th field is present. So add new fields at the end.
    static void for_each_part(auto& message, auto&& visit) {
        auto& changes = message.changes;
        visit("ack", message.ack);
        visit("delta", changes);
        visit("more_pieces", changes ? &changes->more_pieces : nullptr);
        visit("transfer", changes ? &changes->kind : nullptr);
        visit("digest", message.digest);
        visit("wants_digest", message.requests_digest);
        visit("sketch", message.sketch);
        visit("generation", message.generation);
        visit("own_sketch", changes ? &changes->sketch : nullptr);
        visit("invites_request", message.invites_request);
        visit("answer_pending", message.answer_pending);
        visit("fingerprint", message.fingerprint);
        visit("followed", message.followed);
    }
    static const std::vector<std::string_view>& part_names() {
        static const auto names = [all = std::vector<std::string_view>()](auto&& none) mutable {
            for_each_part(none, [&](const char* name, const auto&) { all.emplace_back(name); });
            return all;
        }(Message());
        return names;
    }
    static std::uint64_t parts_of(const Message& message) {
        std::uint64_t parts = 0, bit = 1;
        for_each_part(message, [&](const char*, const auto& part) {
            if (is_there(part)) parts |= bit;
            bit <<= 1U;
        });
        return parts;
    }

    /// `part` is a field of the changes, or null if the message has no changes.
    template <class T>
    static bool is_there(T* part) {
        return part != nullptr && is_there(*part);
    }
    template <class T>
    static void write_part(auto& out, const char* name, T* part) {
        write_part(out, name, *part);
    }
    template <class T>
    static void read_part(auto& in, const char* name, T* part) {
        if (part == nullptr) return in.fail("part of changes in a message without changes");
        read_part(in, name, *part);
    }

    static bool is_there(const bool& part) { return part; }
    static void write_part(auto& out, const char* name, const bool&) { out.flag(name); }
    static void read_part(auto& in, const char* name, bool& part) { part = in.flag(name); }

    static bool is_there(const replication::Generation& part) { return part != 0; }
    static void write_part(auto& out, const char* name, const replication::Generation& part) {
        serialize(out.member(name), part);
    }
    static void read_part(auto& in, const char* name, replication::Generation& part) {
        part = deserialize<replication::Generation>(in.member(name));
        if (part == 0) in.fail("part with its default value");
    }

    static bool is_there(const TransferKind& part) { return part != TransferKind::none; }
    static void write_part(auto& out, const char* name, const TransferKind& part) {
        serialize(out.member(name), static_cast<std::uint8_t>(part));
    }
    static void read_part(auto& in, const char* name, TransferKind& part) {
        const auto number = deserialize<std::uint8_t>(in.member(name));
        if (number == 0 || number > static_cast<std::uint8_t>(TransferKind::bucket_difference))
            return in.fail("unknown kind of transfer");
        part = static_cast<TransferKind>(number);
    }

    template <class T>
    static bool is_there(const std::optional<T>& part) {
        return part.has_value();
    }
    template <class T>
    static void write_part(auto& out, const char* name, const std::optional<T>& part) {
        serialize(out.member(name), *part);
    }
    template <class T>
    static void read_part(auto& in, const char* name, std::optional<T>& part) {
        part = deserialize<T>(in.member(name));
    }

    static bool is_there(const replication::LogPositions& part) { return !part.empty(); }
    static void write_part(auto& out, const char* name, const replication::LogPositions& part) {
        auto&& logs = out.member(name);
        serialize_mapping<replication::Epoch, replication::Sequence>(logs, part);
    }
    static void read_part(auto& in, const char* name, replication::LogPositions& part) {
        auto&& logs = in.member(name);
        deserialize_mapping<replication::Epoch, replication::Sequence>(
            logs, [&](auto& item, replication::Epoch epoch, replication::Sequence position) {
                if (epoch == replication::unknown_epoch || position == 0)
                    return item.fail("position 0, or a log of no epoch");
                part.emplace_hint(part.end(), epoch, position);
            });
        if (part.empty()) in.fail("part with its default value");
    }

    static void write_part(auto& out, const char* name, const std::optional<Changes>& part) {
        serialize(out.member(name), part->delta);
        serialize(out.member("first"), part->first);
        serialize(out.member("last"), part->last);
    }
    static void read_part(auto& in, const char* name, std::optional<Changes>& part) {
        Changes& changes = part.emplace();
        changes.delta = deserialize<L>(in.member(name));
        changes.first = deserialize<replication::Sequence>(in.member("first"));
        changes.last = deserialize<replication::Sequence>(in.member("last"));
    }
};

/// {"kind": 0, "generation": 1, "round": 1, "writers": [...], "slots": ..., "history": [[writer,
/// generation], ...]}
template <replication::Prunable L>
struct Serializer<replication::PruningMessage<L>> {
    using Message = replication::PruningMessage<L>;
    using Kind = replication::PruningKind;
    using Writer = typename L::id_type;

    static void write(auto& out, const Message& message) {
        out.begin_struct();
        serialize(out.member("kind"), static_cast<std::uint8_t>(message.kind));
        serialize(out.member("generation"), message.generation);
        serialize(out.member("round"), message.round);
        auto&& writers = out.member("writers");
        serialize_ascending<Writer>(writers, message.writers,
                                    [](const Writer& writer) -> const Writer& { return writer; });
        serialize(out.member("slots"), message.written);
        serialize(out.member("history"), message.history);
    }
    static Message read(auto& in) {
        in.begin_struct({"kind", "generation", "round", "writers", "slots", "history"});
        Message message;
        const auto kind = deserialize<std::uint8_t>(in.member("kind"));
        if (kind > static_cast<std::uint8_t>(Kind::done)) in.fail("unknown kind");
        message.kind = static_cast<Kind>(kind);
        message.generation = deserialize<replication::Generation>(in.member("generation"));
        message.round = deserialize<std::uint64_t>(in.member("round"));
        auto&& writers = in.member("writers");
        deserialize_ascending<Writer>(
            writers, [&](auto&, Writer writer) { message.writers.push_back(std::move(writer)); });
        message.written = deserialize<L>(in.member("slots"));
        message.history = deserialize<typename Message::History>(in.member("history"));
        return message;
    }
};

}  // namespace crdt
