// SPDX-License-Identifier: MIT
//! The neighbours of an input: all inputs that differ from it by a byte. A decoder must refuse a
//! neighbour, or the neighbour must be the form of the value that it returns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "support/seeds.hpp"

namespace support {

/// Calls visit(bytes) for each input that results from `original` if one byte is removed, inserted
/// or changed. Where tests run few cases, tries only every third place.
template <class Visit>
void for_each_neighbour(const std::string& original, std::string_view alphabet, Visit&& visit) {
    for (std::size_t place = 0; place <= original.size(); place += few_cases ? 3 : 1) {
        std::string bytes = original;
        for (const char letter : alphabet) {
            bytes.insert(place, 1, letter);
            visit(bytes);
            bytes.erase(place, 1);
        }
        if (place == original.size()) return;
        for (const char letter : alphabet) {
            bytes[place] = letter;
            visit(bytes);
        }
        for (unsigned bit = 0; bit < 8; ++bit) {
            bytes[place] = original[place];
            bytes[place] ^= static_cast<char>(1U << bit);
            visit(bytes);
        }
        visit(bytes.erase(place, 1));
    }
}

/// The number of accepted neighbours, and the number of those that are not the form of the value
/// that was read.
struct Count {
    int taken = 0;
    int wrong = 0;
    std::string example{};

    void note(const std::string& bytes, const std::string& written) {
        ++taken;
        if (bytes == written) return;
        ++wrong;
        example = bytes;
    }
};

inline void check(const Count& count) {
    CAPTURE(count.example);
    CHECK(count.taken > 0);
    CHECK(count.wrong == 0);
}

inline constexpr std::string_view json_letters = " \n{}[]\":,0123456789-+.eEabnt\\";
inline constexpr std::string_view byte_values("\0\1\2\3\4\x7F\x80\x81\xFF", 9);

}  // namespace support
