// SPDX-License-Identifier: MIT
//! What the binary decoders allocate for hostile input: in proportion to it, whatever it claims.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/form_message.hpp>
#include <crdt/crdt.hpp>
#include <crdt/detail/random.hpp>

#include "spent.hpp"

using namespace crdt;

namespace {

/// In bytes, for each byte of input: all that is ever allocated, much of it freed again.
constexpr std::size_t most = 400;

template <class T>
void check_bounded(std::string_view input) {
    CAPTURE(input.size());
    spent = {};
    const bool accepted = bool(binary::try_read<T>(input));
    const std::size_t bytes = spent.bytes;
    CAPTURE(accepted);
    CHECK(bytes <= most * input.size() + 4096);
}

void check_all(std::string_view input) {
    check_bounded<GSet<std::uint64_t>>(input);
    check_bounded<GSet<std::string>>(input);
    check_bounded<PNCounter<>>(input);
    check_bounded<AWSet<std::string>>(input);
    check_bounded<ORMap<std::string, ORMap<int, MVRegister<std::string>>>>(input);
    check_bounded<std::vector<std::vector<std::string>>>(input);
    check_bounded<replication::Message<AWSet<int>>>(input);
}

}  // namespace

TEST_CASE("decoders: hostile input costs memory in proportion to its size") {
    const std::string huge = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01";
    for (const std::size_t size : {std::size_t{10}, std::size_t{1000}, std::size_t{100000}}) {
        for (const char filler : {'\0', '\1', '\2', '\x7F', '\xFF'}) {
            check_all(std::string(size, filler));
            check_all(huge + std::string(size, filler));
            check_all("\x80\x40" + std::string(size, filler));  // a list of 8,192
        }
        detail::Random random(size);
        std::string noise;
        for (std::size_t i = 0; i < size; ++i) noise += static_cast<char>(random.below(4));
        check_all(noise);
    }
}

TEST_CASE("decoders: what is accepted costs memory in proportion, too") {
    GSet<std::uint64_t> dense;
    for (std::uint64_t i = 0; i < 10000; ++i) dense.insert(i);
    check_bounded<GSet<std::uint64_t>>(binary::write(dense));
    check_bounded<std::vector<std::string>>(
        binary::write(std::vector<std::string>(10000, std::string())));
}
