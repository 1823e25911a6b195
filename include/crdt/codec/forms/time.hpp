// SPDX-License-Identifier: MIT
//! The serializers of the times of a hybrid logical clock.
#pragma once

#include <cstdint>
#include <string_view>

#include <crdt/codec/forms/replica.hpp>
#include <crdt/codec/forms/standard.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/hlc.hpp>

namespace crdt {

template <>
struct Serializer<HybridTime> {
    static constexpr std::string_view type_name = "time";

    static void write(auto& out, const HybridTime& time) {
        serialize_tuple(out, time.wall, time.logical);
    }
    static HybridTime read(auto& in) {
        const auto [wall, logical] = deserialize_tuple<std::uint64_t, std::uint32_t>(in);
        return {wall, logical};
    }
};

template <Serializable Id>
struct Serializer<Stamp<Id>> {
    static constexpr std::string_view type_name = "stamp";

    static void write(auto& out, const Stamp<Id>& stamp) {
        out.begin_tuple(3);
        serialize(out.element(), stamp.time.wall);
        serialize(out.element(), stamp.time.logical);
        serialize_replica(out.element(), stamp.replica);
    }
    static Stamp<Id> read(auto& in) {
        in.begin_tuple(3);
        const auto wall = deserialize<std::uint64_t>(in.element(0));
        const auto logical = deserialize<std::uint32_t>(in.element(1));
        return {{wall, logical}, deserialize_replica<Id>(in.element(2))};
    }
};

}  // namespace crdt
