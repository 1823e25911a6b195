// SPDX-License-Identifier: MIT
#include <cstddef>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <crdt/codec/frame.hpp>
#include <crdt/detail/crc32c.hpp>

namespace frame_tests {

using namespace crdt;

namespace {

std::string refusal(std::string_view bytes, std::uint64_t cluster = 7) {
    const auto payload = frame::decode(bytes, cluster);
    return payload ? "accepted" : payload.error().to_string();
}

}  // namespace

TEST_CASE("frame: CRC-32C of the examples of RFC 3720, B.4") {
    CHECK(detail::crc32c("123456789") == 0xE3069283);
    CHECK(detail::crc32c(std::string(32, '\0')) == 0x8A9136AA);
    CHECK(detail::crc32c(std::string(32, '\xFF')) == 0x62A8AB43);
    static_assert(detail::crc32c("") == 0);
}

TEST_CASE("frame: decode returns the payload that was encoded") {
    for (const std::string& payload :
         {std::string(), std::string("a\0b", 3), std::string(5000, 'x')}) {
        const std::string bytes = frame::encode(payload, 7);
        CHECK(bytes.size() == payload.size() + frame::overhead);
        CHECK(frame::length(bytes) == bytes.size());
        const auto opened = frame::decode(bytes, 7);
        REQUIRE(opened);
        CHECK(*opened == payload);
    }
    CHECK_FALSE(frame::length("abc"));
}

TEST_CASE("frame: each flipped bit, each truncation and each addition is detected") {
    const std::string bytes = frame::encode("a payload of some bytes", 7);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        std::string changed = bytes;
        changed[bit / 8] ^= static_cast<char>(1U << (bit % 8));
        CHECK(refusal(changed) != "accepted");
    }
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK(refusal(std::string_view(bytes).substr(0, size)) == "incomplete frame");
    CHECK(refusal(bytes + "x") == "incomplete frame");
}

TEST_CASE("frame: foreign input and other versions are distinguished") {
    const std::string bytes = frame::encode("x", 7);
    CHECK(refusal(bytes, 8) == "frame of another cluster");
    CHECK(refusal(frame::encode("x", 7, frame::version + 1)) == "frame of another version");
}

}  // namespace frame_tests
