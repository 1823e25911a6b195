// SPDX-License-Identifier: MIT
//! What sequences promise beside the laws, for any type of sequence.
#pragma once

#include <algorithm>
#include <cstddef>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/ormap.hpp>
#include <crdt/random.hpp>

#include "support/sequence_model.hpp"

namespace support {

/// Both texts stand in `text`, each in one piece.
inline bool holds_whole(const std::string& text, const std::string& a, const std::string& b) {
    return text.find(a) != std::string::npos && text.find(b) != std::string::npos;
}

/// Forwards or backwards, what two replicas type at one place is not interleaved.
template <class Seq>
void check_two_typists() {
    for (const bool first_backwards : {false, true}) {
        for (const bool second_backwards : {false, true}) {
            for (const char* const base : {"", "xy"}) {
                CAPTURE(first_backwards);
                CAPTURE(second_backwards);
                CAPTURE(base);
                Seq a;
                type(a, "base", 0, base);
                Seq b = a;
                const std::size_t place = a.size() / 2;
                first_backwards ? type_backwards(a, "ann", place, "123456")
                                : type(a, "ann", place, "123456");
                second_backwards ? type_backwards(b, "bob", place, "abcdef")
                                 : type(b, "bob", place, "abcdef");
                a.merge(b);
                CHECK_MESSAGE(holds_whole(shown(a), "123456", "abcdef"), shown(a));
            }
        }
    }
}

/// Weidner, Kleppmann, A.1: three replicas, of which the third has only a part of the others.
template <class Seq>
void check_three_typists() {
    for (const bool backwards : {false, true}) {
        CAPTURE(backwards);
        const auto by = [&](Seq& state, const char* id, std::size_t index, const char* letters) {
            return backwards ? type_backwards(state, id, index, letters)
                             : type(state, id, index, letters);
        };
        Seq a, b, c;
        const Seq ann = by(a, "ann", 0, "aaa");
        const Seq bob = by(b, "bob", 0, "bbb");
        c.merge(ann);
        const Seq eve = by(c, "eve", 0, "ccc");
        for (Seq* state : {&a, &b, &c})
            for (const Seq* delta : {&eve, &bob, &ann}) state->merge(*delta);
        CHECK(shown(a) == shown(b));
        CHECK(shown(b) == shown(c));
        std::string letters = shown(a);
        for (const char* const whole : {"aaa", "bbb", "ccc"})
            CHECK_MESSAGE(letters.find(whole) != std::string::npos, letters);
    }
}

/// Attiya et al., the strong list specification: one total order of all values ever inserted, which
/// every state of every replica follows; and each insert is where it was made.
template <class Seq>
void check_one_order() {
    for (std::uint64_t seed = 1; seed <= seeds(300); ++seed) {
        CAPTURE(seed);
        crdt::Random random(seed);
        std::vector<Seq> replicas(3);
        std::vector<std::string> seen;
        char next = ' ';
        for (int step = 0; step < 90; ++step) {
            const std::size_t replica = random.below(replicas.size());
            Seq& state = replicas[replica];
            const std::size_t size = state.size();
            const auto kind = random.below(6);
            if (kind == 0) {
                state.merge(Seq(replicas[random.below(replicas.size())]));
            } else if (kind == 1 && size > 0) {
                state.erase(random.below(size));
            } else if (next < '~') {
                const std::size_t index = random.below(size + 1);
                std::string expected = shown(state);
                expected.insert(index, 1, ++next);
                put(state, replica_name(replica), index, next);
                CHECK(shown(state) == expected);
            }
            seen.push_back(shown(state));
        }
        // a before b in one state, b before a in none
        std::set<std::pair<char, char>> before;
        for (const std::string& text : seen)
            for (std::size_t i = 0; i < text.size(); ++i)
                for (std::size_t j = i + 1; j < text.size(); ++j) before.insert({text[i], text[j]});
        const bool is_one_order = std::none_of(before.begin(), before.end(), [&](const auto& pair) {
            return before.count({pair.second, pair.first}) != 0;
        });
        CHECK(is_one_order);
    }
}

/// Replicas type words at places of their choice, forwards or backwards. A word stays whole, unless
/// a replica that has received it types into it.
template <class Seq>
void check_words_stay_whole() {
    for (std::uint64_t seed = 1; seed <= seeds(500); ++seed) {
        CAPTURE(seed);
        crdt::Random random(seed);
        Seq base;
        type(base, "base", 0, std::string(random.below(4), '.'));
        std::vector<Seq> replicas(4, base);
        std::vector<std::string> words;
        for (std::size_t i = 0; i < replicas.size(); ++i) {
            const std::string word(2 + random.below(5), static_cast<char>('a' + i));
            const std::size_t place = random.below(base.size() + 1);
            const std::string id(1, static_cast<char>('p' + i));
            random.below(2) == 0 ? type(replicas[i], id, place, word)
                                 : type_backwards(replicas[i], id, place, word);
            words.push_back(word);
        }
        Seq all;
        for (const Seq& state : replicas) all.merge(state);
        const std::string text = shown(all);
        for (const std::string& word : words)
            CHECK_MESSAGE(text.find(word) != std::string::npos, text, " lacks ", word);
    }
}

/// compact() moves nothing, whatever is inserted meanwhile, where all have the erasures.
template <class Seq>
void check_compact() {
    for (std::uint64_t seed = 1; seed <= seeds(500); ++seed) {
        CAPTURE(seed);
        crdt::Random random(seed);
        std::vector<Seq> replicas(3);
        const auto edit = [&](std::size_t replica) {
            Seq& state = replicas[replica];
            const std::size_t size = state.size();
            if (size > 0 && random.below(2) == 0) {
                const std::size_t index = random.below(size);
                state.erase(index, 1 + random.below(size - index));
            } else {
                type(state, replica_name(replica), random.below(size + 1), "ab");
            }
        };
        for (int i = 0; i < 12; ++i) edit(random.below(3));
        Seq all;
        for (const Seq& state : replicas) all.merge(state);
        for (Seq& state : replicas) state.merge(all);
        const auto stable = all.erased();
        std::vector<Seq> compacted = replicas;
        for (int i = 0; i < 12; ++i) {
            const std::size_t replica = random.below(3);
            const Seq before = compacted[replica];
            if (random.below(2) == 0) compacted[replica].compact(stable);
            CHECK(shown(compacted[replica]) == shown(before));
            Seq& plain = replicas[replica];
            const std::size_t size = plain.size();
            const std::size_t index = random.below(size + 1);
            if (index < size && random.below(2) == 0) {
                plain.erase(index);
                compacted[replica].erase(index);
            } else {
                type(plain, replica_name(replica), index, "xy");
                type(compacted[replica], replica_name(replica), index, "xy");
            }
            CHECK(shown(compacted[replica]) == shown(plain));
        }
        Seq plain, other;
        for (const Seq& state : replicas) plain.merge(state);
        for (const Seq& state : compacted) other.merge(state);
        CHECK(shown(other) == shown(plain));
        other.compact(stable);
        CHECK(shown(other) == shown(plain));
    }
}

/// compact() drops places that no other depends on, but the one after a value.
template <class Seq>
void check_compact_drops() {
    Seq text;
    type(text, "ann", 0, "hello world");
    text.erase(1, 9);  // the d stands beside the l before it
    CHECK(text.compact(text.erased()).is_bottom());
    text.erase(1);
    CHECK(text.erased().size() == 10);
    text.compact(text.erased());
    CHECK(text.erased().size() == 1);
    CHECK(shown(text) == "h");
    text.erase(0);
    text.compact(text.erased());
    CHECK(text.erased().size() == 1);
    CHECK(text.waiting() == 0);
}

/// A key that holds a sequence is removed while somebody types into it: what was typed is there.
template <class Seq>
void check_removed_key() {
    crdt::ORMap<std::string, Seq> a;
    a.update("note", [](Seq& text) { return type(text, "ann", 0, "hello"); });
    auto b = a;
    a.erase("ann", "note");
    CHECK(a.empty());
    b.update("note", [](Seq& text) { return type(text, "bob", 5, " world"); });
    a.merge(b);
    b.merge(a);
    CHECK(a == b);
    Seq text = a.view("note").copy_with_context();
    CHECK(shown(text) == " world");
    CHECK(text.waiting() == 0);
    CHECK(a.view("note").size() == 6);
    a.erase("ann", "note");
    CHECK(a.size() == 0);
    a.update("note", [](Seq& fresh) { return type(fresh, "ann", 0, "new"); });
    CHECK(shown(a.view("note").copy_with_context()) == "new");
}

/// Part of a change shows nothing out of place, and the rest completes it.
template <class Seq>
void check_waiting() {
    Seq a;
    std::vector<Seq> deltas;
    for (std::size_t i = 0; i < 3; ++i) deltas.push_back(put(a, std::string("ann"), i, 'a'));
    Seq b;
    b.merge(deltas[2]);
    CHECK(b.waiting() == 1);
    CHECK(b.size() == 0);
    b.merge(deltas[0]);
    CHECK(b.waiting() == 1);
    CHECK(b.size() == 1);
    b.merge(deltas[1]);
    CHECK(b.waiting() == 0);
    CHECK(shown(b) == "aaa");
    CHECK(a == b);
    Seq c;
    std::vector<Seq> parts;
    decompose(a, [&](const Seq& part) { parts.push_back(part); });
    CHECK(parts.size() == 6);
    for (const Seq& part : parts) c.merge(part);
    CHECK(c == a);
}

template <class Seq>
void check_errors() {
    Seq text;
    type(text, "ann", 0, "ab");
    const Seq before = text;
    CHECK_THROWS_AS(put(text, std::string("ann"), 3, 'c'), std::out_of_range);
    CHECK_THROWS_AS(text.erase(2), std::out_of_range);
    CHECK_THROWS_AS(text.erase(1, 2), std::out_of_range);
    CHECK_THROWS_AS(text.erase(0, static_cast<std::size_t>(-1)), std::out_of_range);
    CHECK_THROWS_AS((void)text.at(2), std::out_of_range);
    CHECK(text == before);
    CHECK(text.erase(2, 0).is_bottom());
    CHECK(text == before);
}

}  // namespace support
