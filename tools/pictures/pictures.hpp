// SPDX-License-Identifier: MIT
//! The pictures of the documentation, drawn from runs and from the sources.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace pictures {

/// Receives a picture by name.
using Save = std::function<void(const std::string& name, const std::string& svg)>;

void draw_choosing(const Save& save);
void draw_gossip(const Save& save);
void draw_texts(const Save& save);
void draw_layers(const Save& save, const std::filesystem::path& include);

}  // namespace pictures
