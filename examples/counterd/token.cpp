// SPDX-License-Identifier: MIT
#include "token.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/forms/lattice.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/lattice/hash.hpp>

namespace counterd {

namespace {

Error unreadable() { return {ErrorCode::malformed_request, "invalid session"}; }

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text(2 * bytes.size(), '0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        text[2 * i] = digits[byte >> 4U];
        text[2 * i + 1] = digits[byte & 15U];
    }
    return text;
}
unsigned digit(char letter) {
    if (letter >= '0' && letter <= '9') return static_cast<unsigned>(letter - '0');
    if (letter >= 'a' && letter <= 'f') return static_cast<unsigned>(letter - 'a' + 10);
    throw unreadable();
}
std::string unhex(std::string_view text) {
    if (text.size() % 2 != 0) throw unreadable();
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 2)
        bytes += static_cast<char>(digit(text[i]) << 4U | digit(text[i + 1]));
    return bytes;
}

bool has_slot(const Plain& counter, const CountId& count) {
    const auto& slots = counter.lattice().store();
    return slots.find({std::get<0>(count), std::get<1>(count)}) != slots.end();
}

}  // namespace

Snapshot::Snapshot(const Counters& counters, const std::string& name)
    : counter(counters.plain_at(name).copy_with_context()),
      bounded(counters.bounded_at(name)),
      retracted(counters.retracted_at(name)),
      pruned(&counters.pruned()) {}

void Snapshot::prune(const Pruned& ids) {
    std::vector<ReplicaId> departed;
    const auto note = [&](ReplicaId id) {
        if (ids.contains(id)) departed.push_back(id);
    };
    counter.context().visit_numbers([&](ReplicaId id, auto, auto) { note(id); });
    for (const auto& [id, slot] : bounded.lattice().get<0>().lattice()) note(id);
    for (const auto& [giver, row] : bounded.lattice().get<1>()) {
        note(giver);
        for (const auto& [receiver, amount] : row) note(receiver);
    }
    if (departed.empty()) return;
    std::sort(departed.begin(), departed.end());
    counter = written_by(counter, departed, false);
    bounded = written_by(bounded, departed, false);
}

bool Token::has_all(const Plain& now, const Plain& seen) {
    const auto& here = now.lattice().store();
    const auto& there = seen.lattice().store();
    const bool is_known = std::all_of(there.begin(), there.end(), [&](const auto& entry) {
        const auto mine = here.find(entry.first);
        return mine == here.end() ? now.context().contains(entry.first)
                                  : entry.second.leq(mine->second);
    });
    return is_known && std::all_of(here.begin(), here.end(), [&](const auto& entry) {
               return there.find(entry.first) != there.end() ||
                      !seen.context().contains(entry.first);
           });
}

bool Token::has_retracted_all(const Snapshot& now, const Snapshot& seen) {
    return std::all_of(seen.retracted.begin(), seen.retracted.end(), [&](const auto& entry) {
        return !has_slot(now.counter, entry.first) ||
               entry.second.leq(now.retracted.at(entry.first));
    });
}

Token::Token(const std::string& name, std::string_view text)
    : name_hash_(crdt::hash_value(std::string_view(name))), is_new_(text.empty()) {
    if (is_new_) return;
    if (text.size() > longest)
        throw Error(ErrorCode::malformed_request, "the session is longer than 32 kB");
    auto read = crdt::binary::try_decode_with(unhex(text), [](auto& in) {
        return crdt::deserialize_tuple<std::uint64_t, Plain, Bounded, RetractedCounts>(in);
    });
    if (!read) throw unreadable();
    std::uint64_t hash = 0;
    std::tie(hash, seen_.counter, seen_.bounded, seen_.retracted) = *std::move(read);
    if (hash != name_hash_)
        throw Error(ErrorCode::malformed_request, "the session belongs to another counter");
}

std::optional<Token> Token::of(const Request& request, const std::string& name) {
    if (!request.has("session")) return std::nullopt;
    return Token(name, request.text("session"));
}

bool Token::is_satisfied_by(const Snapshot& now) const {
    const auto includes = [&now](const Snapshot& seen) {
        return seen.bounded.leq(now.bounded) && has_all(now.counter, seen.counter) &&
               has_retracted_all(now, seen);
    };
    if (now.pruned->empty()) return includes(seen_);
    Snapshot seen = seen_;
    seen.prune(*now.pruned);
    return includes(seen);
}

void Token::note(Snapshot now) {
    if (is_new_) {
        seen_ = std::move(now);
        is_new_ = false;
        return;
    }
    seen_.prune(*now.pruned);
    seen_.counter.merge(now.counter);
    seen_.bounded.merge(now.bounded);
    // Keeps retractions only for slots that were not removed, so the size of a token is
    // proportional to that of the counter.
    RetractedCounts retracted;
    seen_.retracted.merge(now.retracted);
    for (const auto& [count, number] : seen_.retracted)
        if (has_slot(seen_.counter, count)) retracted.append(count, number);
    seen_.retracted = std::move(retracted);
}

std::string Token::text() const {
    std::string bytes;
    crdt::binary::Writer writer(bytes);
    crdt::serialize_tuple(writer, name_hash_, seen_.counter, seen_.bounded, seen_.retracted);
    writer.finish();
    return hex(bytes);
}

}  // namespace counterd
