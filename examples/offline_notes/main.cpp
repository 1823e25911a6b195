// SPDX-License-Identifier: MIT
//! Notes in a file. Two people write notes offline, each in a file, and later synchronise the
//! files.
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <crdt/awset.hpp>
#include <crdt/codec/binary.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/system/decimal.hpp>
#include <crdt/system/fresh.hpp>

/// The content of a file: the notes, and the replica id under which this file is changed. No other
/// file has the same id.
struct Notebook {
    std::uint64_t replica = 0;
    crdt::AWSet<std::string, std::uint64_t> notes = {};
};

template <>
struct crdt::Serializer<Notebook> {
    static void write(auto& out, const Notebook& book) {
        serialize_tuple(out, book.replica, book.notes);
    }
    static Notebook read(auto& in) {
        auto [replica, notes] = deserialize_tuple<std::uint64_t, decltype(Notebook::notes)>(in);
        return {replica, std::move(notes)};
    }
};

namespace {

/// The cluster id of frames that contain notebooks.
constexpr std::uint64_t notebooks = 0x6E6F746573;

/// Loads a notebook. If the file does not exist, returns a new notebook.
Notebook load(const std::string& path) {
    if (!std::filesystem::exists(path)) return {crdt::system::fresh_number()};
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (!file) throw std::runtime_error(path + ": cannot be read");
    const auto payload = crdt::frame::decode(bytes, notebooks);
    if (!payload) throw std::runtime_error(path + ": " + payload.error().to_string());
    const auto book = crdt::binary::try_decode_value<Notebook>(*payload);
    if (!book) throw std::runtime_error(path + ": " + book.error().to_string());
    return *book;
}

/// Saves a notebook. The last step is a rename, which is atomic, so the file is always either the
/// old or the new one.
void save(const std::string& path, const Notebook& book) {
    const std::string temporary = path + ".new";
    std::ofstream file(temporary, std::ios::binary);
    file << crdt::frame::encode(crdt::binary::encode_value(book), notebooks);
    file.close();
    if (!file) throw std::runtime_error(temporary + ": cannot be written");
    std::filesystem::rename(temporary, path);
}

void list(const Notebook& book) {
    std::size_t number = 0;
    for (const std::string& note : book.notes) std::cout << ++number << " " << note << "\n";
}

void remove(Notebook& book, const std::string& number) {
    const std::vector<std::string> notes(book.notes.begin(), book.notes.end());
    const auto index = crdt::system::decimal<std::size_t>(number);
    if (!index || *index == 0 || *index > notes.size())
        throw std::runtime_error("there is no note " + number);
    book.notes.erase(notes[*index - 1]);
}

/// Joins the notes of two files and saves both. Reads both files before it writes one. If the
/// program is stopped between the two writes, the command can be repeated.
void sync(const std::string& path, const std::string& other_path) {
    Notebook book = load(path), other = load(other_path);
    if (book.replica == other.replica)
        throw std::runtime_error(path + " and " + other_path +
                                 " are copies of one file: let sync make the second one");
    book.notes.merge(other.notes);
    other.notes.merge(book.notes);
    save(path, book);
    save(other_path, other);
}

int run(const std::vector<std::string>& words) {
    const std::string command = words.size() < 2 ? "" : words[1];
    const bool has_operand = words.size() == 3;
    if (command == "sync" && has_operand) return sync(words[0], words[2]), 0;
    if (command == "list" && words.size() == 2) return list(load(words[0])), 0;
    if ((command != "add" && command != "remove") || !has_operand) {
        std::cerr << "notes FILE add TEXT | list | remove NUMBER | sync OTHER_FILE\n";
        return 2;
    }
    Notebook book = load(words[0]);
    if (command == "add")
        book.notes.insert(book.replica, words[2]);
    else
        remove(book, words[2]);
    save(words[0], book);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::cerr << "notes: " << error.what() << "\n";
        return 1;
    }
}
