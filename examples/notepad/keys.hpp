// SPDX-License-Identifier: MIT
//! KeyReader: finds the keys in the bytes that a terminal sends.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The meaning of a key.
enum class Key {
    text,
    enter,
    backspace,
    erase,
    left,
    right,
    up,
    down,
    home,
    end,
    undo,
    redo,
    leave
};

/// A key. If it is Key::text, `text` has the letters that were typed.
struct KeyPress {
    Key key;
    std::string text = {};

    friend bool operator==(const KeyPress&, const KeyPress&) = default;
};

/// Finds the keys in bytes from a terminal. The bytes of one key may arrive in several calls of
/// read().
class KeyReader {
    static constexpr std::pair<std::string_view, Key> table[] = {
        {"\r", Key::enter},     {"\n", Key::enter},      {"\x7F", Key::backspace},
        {"\b", Key::backspace}, {"\x1B[3~", Key::erase}, {"\x1B[D", Key::left},
        {"\x1BOD", Key::left},  {"\x1B[C", Key::right},  {"\x1BOC", Key::right},
        {"\x1B[A", Key::up},    {"\x1BOA", Key::up},     {"\x1B[B", Key::down},
        {"\x1BOB", Key::down},  {"\x1B[H", Key::home},   {"\x1BOH", Key::home},
        {"\x1B[1~", Key::home}, {"\x1B[F", Key::end},    {"\x1BOF", Key::end},
        {"\x1B[4~", Key::end},  {"\x1A", Key::undo},   // ctrl-z
        {"\x19", Key::redo},    {"\x11", Key::leave},  // ctrl-y, ctrl-q
    };

    std::string bytes_;  // of a key that is not complete

    static unsigned char byte(std::string_view bytes, std::size_t i) {
        return static_cast<unsigned char>(bytes[i]);
    }
    /// Returns the number of bytes of the code point that begins with `first`.
    static std::size_t utf8_size(unsigned char first) {
        return first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    }
    /// Returns the number of bytes of the first key, or 0 if more bytes must arrive.
    static std::size_t key_size(std::string_view bytes) {
        if (bytes.empty()) return 0;
        if (bytes[0] == '\x1B') {
            if (bytes.size() == 1) return 0;
            if (bytes[1] == 'O') return bytes.size() < 3 ? 0 : 3;
            if (bytes[1] != '[') return 2;
            // A letter or ~ ends the sequence.
            for (std::size_t i = 2; i < bytes.size(); ++i)
                if (byte(bytes, i) >= 0x40) return i + 1;
            return 0;
        }
        const std::size_t size = utf8_size(byte(bytes, 0));
        for (std::size_t i = 1; i < size; ++i) {
            if (i == bytes.size()) return 0;
            if ((byte(bytes, i) & 0xC0U) != 0x80) return i;  // not UTF-8
        }
        return size;
    }
    /// Is `key` a complete code point that is printable or a tabulator?
    static bool is_text(std::string_view key) {
        const unsigned char first = byte(key, 0);
        return (first >= 0x20 && first < 0x7F) || first == '\t' ||
               (first >= 0xC0 && key.size() == utf8_size(first));
    }

  public:
    /// Adds `bytes` to the input. Returns all keys that are now complete. Consecutive letters are
    /// one key press. Unknown keys are left out.
    std::vector<KeyPress> read(std::string_view bytes) {
        bytes_ += bytes;
        std::vector<KeyPress> keys;
        std::string_view rest = bytes_;
        for (std::size_t size = 0; (size = key_size(rest)) != 0; rest.remove_prefix(size)) {
            const std::string_view one = rest.substr(0, size);
            for (const auto& [name, key] : table)
                if (one == name) keys.push_back({key});
            if (!is_text(one)) continue;
            if (keys.empty() || keys.back().key != Key::text) keys.push_back({Key::text});
            keys.back().text += one;
        }
        bytes_.erase(0, bytes_.size() - rest.size());
        return keys;
    }
};
