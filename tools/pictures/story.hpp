// SPDX-License-Identifier: MIT
//! Story: runs two replicas that write and synchronise, and draws a picture of the run.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include "drawing.hpp"

namespace pictures {

/// Replica 0 is a, replica 1 is b. The picture shows their states as to_string() prints them.
template <class State>
class Story {
    static constexpr double top = 48, bottom = 104, begin = 34, end = 338;

    std::function<std::string(const State&)> show_;
    std::array<State, 2> replicas_;
    Drawing drawing_;

    static double height(std::size_t replica) { return replica == 0 ? top : bottom; }
    static double label(std::size_t replica) { return replica == 0 ? top - 14 : bottom + 25; }
    static const char* name(std::size_t replica) { return replica == 0 ? "a" : "b"; }

  public:
    /// Both replicas begin with the state `first`. `x` is a position on the time line.
    Story(std::function<std::string(const State&)> show, const State& first,
          bool shows_first = true)
        : show_(std::move(show)), replicas_{first, first} {
        for (const std::size_t replica : {0U, 1U}) {
            drawing_.text(16, height(replica) + 5, name(replica),
                          std::string("mid strong ") + name(replica));
            drawing_.line(name(replica), begin, height(replica), end, height(replica));
        }
        if (shows_first) drawing_.text(begin, 80, show_(first));
    }

    template <class Mutate>
    void write(std::size_t replica, double x, const std::string& words, Mutate mutate) {
        mutate(replicas_[replica]);
        drawing_.dot(name(replica), x, height(replica));
        drawing_.text(x, label(replica), words, "mid");
    }
    /// The mutator must throw.
    template <class Mutate>
    void refuse(std::size_t replica, double x, const std::string& words, Mutate mutate) {
        try {
            mutate(replicas_[replica]);
        } catch (const std::exception&) {
            const double y = height(replica);
            drawing_.line("no", x - 5, y - 5, x + 5, y + 5);
            drawing_.line("no", x - 5, y + 5, x + 5, y - 5);
            drawing_.text(x, label(replica), words, "mid");
            return;
        }
        throw std::logic_error("not refused: " + words);
    }
    void note(std::size_t replica, double x, const std::string& words) {
        drawing_.text(x, label(replica), words, "mid");
    }
    void note_state(std::size_t replica, double x) { note(replica, x, show_(replicas_[replica])); }

    /// Sends the state of `from` to the other.
    void send(std::size_t from, double left, double right) {
        replicas_[1 - from].merge(replicas_[from]);
        draw_message(from, left, right);
    }
    /// Both states are sent at the same time.
    void exchange(double left, double right) {
        State both = replicas_[0];
        both.merge(replicas_[1]);
        replicas_ = {both, both};
        draw_message(0, left, right);
        draw_message(1, left, right);
    }

    std::string picture(const std::string& title) {
        if (!(replicas_[0] == replicas_[1])) throw std::logic_error("not equal: " + title);
        drawing_.path("", "M338 48Q350 48 350 76Q350 104 338 104");
        drawing_.text(358, 81, show_(replicas_[0]), "strong");
        return drawing_.document(480, 150, title);
    }

  private:
    void draw_message(std::size_t from, double left, double right) {
        const double down = from == 0 ? 5 : -5;
        drawing_.line("message", left, height(from) + down, right, height(1 - from) - down);
    }
};

}  // namespace pictures
