// SPDX-License-Identifier: MIT
//! pictures PROJECT FOLDER: draws the pictures of docs/pictures into the folder.
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "pictures.hpp"

namespace {

pictures::Save saver(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    return [=](const std::string& name, const std::string& svg) {
        std::ofstream file(folder / (name + ".svg"));
        if (!(file << svg)) throw std::runtime_error("cannot write " + name);
    };
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "pictures PROJECT FOLDER\n";
        return 2;
    }
    try {
        const std::filesystem::path project = argv[1], folder = argv[2];
        pictures::draw_choosing(saver(folder / "choosing"));
        pictures::draw_texts(saver(folder / "texts"));
        pictures::draw_gossip(saver(folder));
        pictures::draw_layers(saver(folder), project / "include" / "crdt");
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "pictures: " << error.what() << "\n";
        return 1;
    }
}
