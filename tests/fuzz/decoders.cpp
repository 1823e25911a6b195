// SPDX-License-Identifier: MIT
//! Fuzzes the decoders of all types, of messages and of frames. Accepted bytes must be the bytes
//! that the codec writes for the value that was read. In JSON messages the layout may differ.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/codec/json/nlohmann.hpp>
#include <crdt/crdt.hpp>
#include <crdt/replication/message_serializer.hpp>

#include "../support/types.hpp"

using namespace crdt;

namespace {

void expect(bool condition) {
    if (!condition) std::abort();
}

template <class T>
void decode_document(std::string_view bytes) {
    if (const auto read = binary::try_decode<T>(bytes)) expect(binary::encode(*read) == bytes);
    if (const auto read = json::try_decode<T>(bytes)) expect(json::encode(*read) == bytes);
    if (const auto read = json::try_decode_any_layout<T>(bytes))
        expect(json::encode(*read) == json::parse(bytes)->dump());
}

template <class L>
void decode_message(std::string_view bytes) {
    using Message = replication::Message<L>;
    if (const auto read = binary::try_decode_value<Message>(bytes))
        expect(binary::encode_value(*read) == bytes);
    if (const auto read = json::try_decode_value<Message>(bytes))
        expect(json::encode_value(*read) == json::parse(bytes)->dump());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    support::for_each_type(
        [&](auto row) { decode_document<typename decltype(row)::state_type>(bytes); });
    decode_message<GCounter<>>(bytes);
    decode_message<AWSet<int>>(bytes);
    decode_message<LWWRegister<std::string>>(bytes);
    decode_message<Text<>>(bytes);
    if (const auto payload = frame::decode(bytes, 0xC1))
        expect(frame::encode(*payload, 0xC1) == bytes);
    return 0;
}
