// SPDX-License-Identifier: MIT
//! Tests the example notepad as its users see it: on terminals, over UDP.
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <sys/socket.h>

#include <doctest/doctest.h>

#include "ports.hpp"
#include "typist.hpp"
#include <netinet/in.h>

namespace notepad_tests {

namespace {

constexpr Size small_size{6, 80};

/// Ann and Bob, each on a terminal.
struct Two {
    std::vector<Port> ports = free_ports(2);
    std::string first = std::to_string(ports[0]), second = std::to_string(ports[1]);
    Typist ann{{NOTEPAD, first, second}, small_size};
    Typist bob{{NOTEPAD, second, first}, small_size};

    Two() {
        for (Typist* const typist : {&ann, &bob})  // keys that are pressed earlier are echoed
            CHECK(typist->wait_until([&] { return typist->display.is_own_screen; }));
    }
};

bool is_up_to_date(Typist& typist) {
    return typist.wait_until([&] {
        return typist.display.status().starts_with("connected to 1 of 1 peers, up to date");
    });
}

}  // namespace

TEST_CASE("notepad: two terminals edit one text") {
    Two two;
    CHECK(is_up_to_date(two.ann));
    two.ann.type("h\xC3\xA9llo\rworld");
    CHECK(two.ann.text_after("héllo\nworld|") == "héllo\nworld|");
    CHECK(two.bob.text_after("|héllo\nworld") == "|héllo\nworld");

    // Both edit in one line, and each cursor stays where its user left it.
    two.bob.type("> ");
    CHECK(two.bob.text_after("> |héllo\nworld") == "> |héllo\nworld");
    CHECK(two.ann.text_after("> héllo\nworld|") == "> héllo\nworld|");
    two.ann.type("\x1B[H\x7F, ");
    CHECK(two.bob.text_after("> |héllo, world") == "> |héllo, world");

    // Each undoes only what is theirs.
    two.bob.type("\x1A");
    CHECK(two.ann.text_after("héllo, |world") == "héllo, |world");
    two.ann.type("\x1A\x1A");
    CHECK(two.bob.text_after("|héllo\nworld") == "|héllo\nworld");
    two.bob.type("\x19\x1B[3~");
    CHECK(two.bob.text_after("> |éllo\nworld") == "> |éllo\nworld");
    CHECK(two.ann.text_after("> éllo\n|world") == "> éllo\n|world");
    CHECK(is_up_to_date(two.ann));
    CHECK(is_up_to_date(two.bob));
}

TEST_CASE("notepad: the last line shows why a key has no effect, until the next key") {
    Two two;
    const auto has_error = [&] {
        return two.ann.display.status().ends_with("| Text::insert: the text is not UTF-8");
    };
    two.ann.type("x\x1B[D\xC0\x80");
    CHECK(two.ann.wait_until(has_error));
    CHECK(two.ann.text_after("|x") == "|x");
    two.ann.type("y");
    CHECK(two.ann.text_after("y|x") == "y|x");
    CHECK_FALSE(has_error());
}

TEST_CASE("notepad: a terminal that was stopped catches up") {
    Two two;
    two.ann.type("one");
    CHECK(two.bob.text_after("|one") == "|one");
    two.bob.send_signal(SIGSTOP);
    two.ann.type(" two");
    two.bob.type("zero ");
    CHECK(two.ann.text_after("one two|") == "one two|");
    CHECK(two.ann.wait_until([&] {
        return two.ann.display.status().find("sending changes") != std::string::npos ||
               two.ann.display.status().starts_with("connected to 0 of 1 peers");
    }));
    two.bob.send_signal(SIGCONT);
    CHECK(two.ann.text_after("zero one two|") == "zero one two|");
    CHECK(two.bob.text_after("zero |one two") == "zero |one two");
}

TEST_CASE("notepad: what was typed last before leaving is sent, and the terminal is as before") {
    Two two;
    CHECK(is_up_to_date(two.ann));
    CHECK(two.ann.display.is_own_screen);
    CHECK_FALSE(two.ann.display.wraps);
    CHECK_FALSE(two.ann.edits_lines());
    two.ann.type("bye\x11");
    CHECK(two.ann.exit_code() == 0);
    CHECK_FALSE(two.ann.display.is_own_screen);
    CHECK(two.ann.display.wraps);
    CHECK(two.ann.display.is_cursor_shown);
    CHECK(two.ann.edits_lines());
    CHECK(two.bob.text_after("|bye") == "|bye");

    two.bob.send_signal(SIGTERM);
    CHECK(two.bob.exit_code() == 0);
    CHECK_FALSE(two.bob.display.is_own_screen);
    CHECK(two.bob.edits_lines());
}

TEST_CASE("notepad: the screen has the size of the terminal") {
    Two two;
    CHECK(is_up_to_date(two.ann));
    two.ann.type("1\r2\r3\r4\r5\r6");
    CHECK(two.ann.text_after("2\n3\n4\n5\n6|") == "2\n3\n4\n5\n6|");
    // It changes at once, not when something else happens.
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 4; ++i) {
        for (const char* const status : {"connected to", "connected to 1 of 1 peers"}) {
            two.ann.resize({4, std::string_view(status).size()});
            CHECK(two.ann.wait_until([&] { return two.ann.display.status() == status; }));
            CHECK(two.ann.display.text() == "4\n5\n6|");
        }
    }
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{5});
}

TEST_CASE("notepad: a pasted text arrives whole") {
    Two two;
    CHECK(is_up_to_date(two.ann));
    std::string lines;
    for (int i = 0; i < 400; ++i) lines += std::to_string(i) + ", \xE2\x82\xAC\r";
    two.ann.type(lines + "end");
    const std::string expected = "396, €\n397, €\n398, €\n399, €\nend|";
    CHECK(two.ann.text_after(expected) == expected);
    // Bob follows with the down and the end key.
    two.bob.wait_until([&] {
        for (int i = 0; i < 50; ++i) two.bob.type("\x1B[B");
        two.bob.type("\x1B[F");
        return two.bob.display.text() == expected;
    });
    CHECK(two.bob.display.text() == expected);
    CHECK(is_up_to_date(two.bob));
}

}  // namespace notepad_tests
