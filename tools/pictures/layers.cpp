// SPDX-License-Identifier: MIT
//! Draws the folders of the library. Each is above the folders that it includes.
#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "drawing.hpp"
#include "pictures.hpp"

namespace pictures {
namespace {

namespace fs = std::filesystem;

/// The folders that each folder includes. The data types, which are in no folder, are "the types".
using Layers = std::map<std::string, std::set<std::string>>;

/// Is this a header that serializes plain values? Lattices use these headers of codec/ to hash and
/// compare keys and values, so they are a layer below the lattices.
bool is_serializer(const fs::path& header) {
    static const std::set<fs::path> serializers{
        "codec/binary/names.hpp",   "codec/binary/writer.hpp", "codec/forms/plain.hpp",
        "codec/forms/standard.hpp", "codec/keyed_hash.hpp",    "codec/serializer.hpp"};
    return serializers.contains(header);
}

std::string layer_of(const fs::path& header) {
    if (is_serializer(header)) return "serializers";
    if (header == "codec/type_name.hpp") return "type names";  // a record names its fields
    return header.has_parent_path() ? header.begin()->string() + "/" : "the types";
}

/// Does this header belong to no layer? This is so for private headers, which all others use, and
/// for headers that use all others.
bool is_apart(const fs::path& header) {
    static const std::set<fs::path> apart{"crdt.hpp", "ostream.hpp", "to_string.hpp",
                                          "version.hpp"};
    return apart.contains(header) || layer_of(header) == "detail/";
}

Layers read_layers(const fs::path& include) {
    static const std::regex inclusion("#include <crdt/([^>]+)>");
    Layers layers;
    for (const auto& entry : fs::recursive_directory_iterator(include)) {
        const fs::path header = fs::relative(entry.path(), include);
        if (header.extension() != ".hpp" || is_apart(header)) continue;
        auto& below = layers[layer_of(header)];
        std::ifstream file(entry.path());
        std::smatch found;
        for (std::string line; std::getline(file, line);) {
            if (!std::regex_search(line, found, inclusion)) continue;
            const fs::path other = found[1].str();
            if (!is_apart(other) && layer_of(other) != layer_of(header))
                below.insert(layer_of(other));
        }
    }
    return layers;
}

/// Returns the number of layers on the longest path down from `layer`. `above` are the layers on
/// the path to it.
std::size_t level(const Layers& layers, const std::string& layer,
                  std::set<std::string> above = {}) {
    if (!above.insert(layer).second) throw std::runtime_error("includes form a cycle at " + layer);
    std::size_t level_of_layer = 0;
    for (const std::string& below : layers.at(layer))
        level_of_layer = std::max(level_of_layer, level(layers, below, above) + 1);
    return level_of_layer;
}

/// Does `above` include `layer` indirectly?
bool is_implied(const Layers& layers, const std::string& above, const std::string& layer) {
    const auto& below = layers.at(above);
    return std::any_of(below.begin(), below.end(), [&](const std::string& between) {
        return layers.at(between).contains(layer) || is_implied(layers, between, layer);
    });
}

constexpr double width = 120, height = 34, column = 165, row = 84;

}  // namespace

void draw_layers(const Save& save, const fs::path& include) {
    const Layers layers = read_layers(include);
    std::map<std::size_t, std::vector<std::string>> rows;
    for (const auto& [layer, below] : layers) rows[level(layers, layer)].push_back(layer);
    std::size_t widest = 0;
    for (const auto& [number, names] : rows) widest = std::max(widest, names.size());
    const double full = column * static_cast<double>(widest);

    struct Place {
        double x, y;
    };
    std::map<std::string, Place> places;
    Drawing drawing;
    for (const auto& [number, names] : rows) {
        const double y = 10 + row * static_cast<double>(rows.size() - 1 - number);
        const double share = full / static_cast<double>(names.size());
        for (std::size_t i = 0; i < names.size(); ++i) {
            const double x = share * (static_cast<double>(i) + 0.5);
            places[names[i]] = {x, y};
            drawing.box(x - width / 2, y, width, height);
            drawing.text(x, y + 22, names[i], "mid strong");
        }
    }
    for (const auto& [layer, below] : layers) {
        for (const std::string& other : below) {
            if (!is_implied(layers, layer, other))
                drawing.line("arrow", places[layer].x, places[layer].y + height, places[other].x,
                             places[other].y - 2);
        }
    }
    save("layers", drawing.document(
                       static_cast<int>(full),
                       static_cast<int>(20 + height + row * static_cast<double>(rows.size() - 1)),
                       "The folders of the library; arrows lead to what a folder includes."));
}

}  // namespace pictures
