// SPDX-License-Identifier: MIT
//! Prints replies, as lines or as JSON.
#pragma once

#include <iostream>
#include <string>

#include "client.hpp"

/// Returns the value of a counter as text. The value can exceed 64 bits.
inline std::string shown_value(const Json& counter) {
    const Json value = counter.value("value", Json());
    return value.is_null() ? counter.value("exact", "null") : value.dump();
}

inline void show_value(const Json& reply, bool as_json) {
    std::cout << (as_json ? reply.dump() : shown_value(reply)) << "\n";
}

/// Prints the counters in the list `field` of `reply`, one per line, or the reply as JSON.
inline void show_changes(const Json& reply, const char* field, bool as_json) {
    if (as_json) {
        std::cout << reply.dump() << "\n";
    } else {
        for (const Json& counter : reply.value(field, Json::array())) {
            std::cout << counter.at("name").get<std::string>() << "\t" << shown_value(counter);
            if (counter.contains("kind")) std::cout << "\t" << counter["kind"].get<std::string>();
            std::cout << "\n";
        }
    }
    std::cout << std::flush;
}

inline void show_status(const Json& reply, bool as_json) {
    if (as_json) {
        std::cout << reply << "\n";
        return;
    }
    for (const char* field : {"node", "incarnation", "cluster", "names", "adds"})
        if (reply.contains(field))
            std::cout << field << "\t"
                      << (reply[field].is_string() ? reply[field].get<std::string>()
                                                   : reply[field].dump())
                      << "\n";
    for (const Json& member : reply.value("members", Json::array()))
        std::cout << (member.value("down", false) ? "down" : "up") << "\t"
                  << member.at("node").get<std::string>() << "\tseen "
                  << member.value("seen_ms_ago", Json()) << " ms ago\n";
}
