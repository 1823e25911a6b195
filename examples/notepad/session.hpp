// SPDX-License-Identifier: MIT
//! Session: a user who edits the text on a terminal.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "editor.hpp"
#include "keys.hpp"
#include "screen.hpp"
#include "status.hpp"
#include "terminal.hpp"

/// Edits the text as the user presses keys. Shows the text and the state of the connection.
class Session {
    Replica& replica_;
    Terminal terminal_{};
    KeyReader keys_{};
    Editor editor_{};
    Screen screen_{};
    std::string error_{};
    bool is_done_ = false;

    void press(const KeyPress& press) {
        is_done_ = is_done_ || press.key == Key::leave;
        try {
            error_.clear();
            replica_.update([&](Text& text, Id id) { return editor_.press(text, id, press); });
        } catch (const std::exception& error) {
            error_ = error.what();
        }
    }

  public:
    explicit Session(Replica& replica) : replica_(replica) {}

    /// Has the user left?
    bool is_done() const { return is_done_; }
    /// Processes bytes from the terminal.
    void read(std::string_view bytes) {
        for (const KeyPress& key : keys_.read(bytes)) press(key);
    }
    /// Call this when the terminal was closed. Ends the session.
    void close() { is_done_ = true; }
    /// Shows the text, and a status line with the last error or a list of keys.
    void show() {
        const std::string help = "ctrl-z undo, ctrl-y redo, ctrl-q leave";
        const std::string& end = error_.empty() ? help : error_;
        const Text& text = replica_.state();
        terminal_.show(screen_.frame(text, editor_.cursor(text), status_of(replica_) + " | " + end,
                                     Terminal::size()));
    }
};
