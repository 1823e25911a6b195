// SPDX-License-Identifier: MIT
//! Script: commands that edit the text, one per line.
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include "arguments.hpp"
#include "editor.hpp"
#include "status.hpp"

/// Reads commands such as `insert 0 hello` and edits the text, so that other programs can use the
/// notepad. Prints the results of `print` and `status`, and errors.
class Script {
    Replica& replica_;
    Editor editor_{};
    std::string bytes_{};  // of a line that is not complete

    void insert(const Arguments& arguments) {
        replica_.update([&](Text& text, Id id) {
            return editor_.insert(text, id, arguments.numbers[0], arguments.text);
        });
    }
    void erase(const Arguments& arguments) {
        replica_.update([&](Text& text, Id) {
            return editor_.erase(text, arguments.numbers[0], arguments.numbers[1]);
        });
    }
    void undo(const Arguments&) {
        replica_.update([&](Text& text, Id id) { return editor_.undo(text, id); });
    }
    void redo(const Arguments&) {
        replica_.update([&](Text& text, Id id) { return editor_.redo(text, id); });
    }
    void print(const Arguments&) { std::cout << escape(replica_.state().str()) << std::endl; }
    void status(const Arguments&) { std::cout << status_of(replica_) << std::endl; }

    void run(std::string_view line) {
        struct Command {
            std::string_view name;
            std::size_t numbers;
            bool has_text;
            void (Script::*run)(const Arguments&);
        };
        static constexpr Command commands[] = {
            {"insert", 1, true, &Script::insert}, {"erase", 2, false, &Script::erase},
            {"undo", 0, false, &Script::undo},    {"redo", 0, false, &Script::redo},
            {"print", 0, false, &Script::print},  {"status", 0, false, &Script::status},
        };
        const std::string_view name = line.substr(0, line.find(' '));
        const Command* const command =
            std::find_if(std::begin(commands), std::end(commands),
                         [&](const Command& each) { return each.name == name; });
        if (command == std::end(commands))
            throw std::invalid_argument(
                "expected insert INDEX TEXT, erase INDEX COUNT, undo, redo, print or status");
        line.remove_prefix(std::min(name.size() + 1, line.size()));
        (this->*command->run)(arguments_of(line, command->numbers, command->has_text));
    }
    void try_run(std::string_view line) {
        try {
            run(line);
        } catch (const std::exception& error) {
            std::cout << "error: " << line << ": " << error.what() << std::endl;
        }
    }

  public:
    explicit Script(Replica& replica) : replica_(replica) {}

    /// Returns false: a script ends only when its input ends.
    static bool is_done() { return false; }
    static void show() {}
    /// Adds `bytes` to the input, and runs all lines that are now complete.
    void read(std::string_view bytes) {
        bytes_ += bytes;
        std::size_t begin = 0;
        for (std::size_t end = 0; (end = bytes_.find('\n', begin)) != bytes_.npos; begin = end + 1)
            try_run(std::string_view(bytes_).substr(begin, end - begin));
        bytes_.erase(0, begin);
    }
    /// Call this when the input has ended. Runs a last line without a newline.
    void close() {
        if (!bytes_.empty()) read("\n");
    }
};
