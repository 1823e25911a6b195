// SPDX-License-Identifier: MIT
//! JsonLog: a log with one JSON object per line.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>

#include <crdt/codec/json/writer.hpp>
#include <crdt/system/log_level.hpp>

namespace counterd {

/// Writes lines to stderr, from any thread: {"time": seconds since 1970, "level": "warning",
/// "node": "n1", "text": "..."}.
class JsonLog {
    crdt::system::LogLevel level_;
    std::string node_;

  public:
    /// Logs lines of `level` and of more urgent levels.
    JsonLog(crdt::system::LogLevel level, std::string node)
        : level_(level), node_(std::move(node)) {}

    void operator()(crdt::system::LogLevel level, const std::string& text) const {
        using namespace std::chrono;
        if (level > level_) return;
        const auto now = duration_cast<milliseconds>(system_clock::now().time_since_epoch());
        std::string bytes;
        crdt::json::Output output(bytes, crdt::json::IllFormedUtf8::is_replaced);
        auto line = output.root();
        line.begin_struct();
        line.member("level").string(crdt::system::log_level_names[static_cast<std::size_t>(level)]);
        line.member("node").string(node_);
        line.member("text").string(text);
        line.member("time").f64(static_cast<double>(now.count()) / 1000);
        output.finish();
        bytes += '\n';
        std::fwrite(bytes.data(), 1, bytes.size(), stderr);
    }
};

}  // namespace counterd
