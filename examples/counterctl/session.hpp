// SPDX-License-Identifier: MIT
//! SessionFile: session tokens by name. A token contains what this user has read and written.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "client.hpp"

class SessionFile {
    std::filesystem::path path_;
    Json tokens_ = Json::object();

  public:
    /// Reads the tokens in the file `path`, if it exists. An empty path means no session.
    explicit SessionFile(std::filesystem::path path) : path_(std::move(path)) {
        if (path_.empty() || !std::filesystem::exists(path_)) return;
        std::ifstream file(path_, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        auto parsed = crdt::json::parse(text);
        if (!parsed || !parsed->is_object())
            throw Failure(1, path_.string() + " is not a session file");
        tokens_ = *std::move(parsed);
    }

    void add_to(Json& request) const {
        if (path_.empty()) return;
        const auto token = tokens_.find(request.at("name").get<std::string>());
        request["session"] = token != tokens_.end() ? *token : Json("");
    }

    /// Stores the token in `reply` under `name`. Writes a new file and renames it, so after a crash
    /// the file is either the old or the new one.
    void keep(const std::string& name, const Json& reply) {
        if (path_.empty() || !reply.contains("session")) return;
        tokens_[name] = reply["session"];
        const std::filesystem::path next = path_.string() + ".new";
        std::ofstream file(next);
        if (!(file << tokens_.dump() << "\n" << std::flush))
            throw Failure(1, next.string() + ": cannot write");
        std::filesystem::rename(next, path_);
    }
};
