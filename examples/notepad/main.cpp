// SPDX-License-Identifier: MIT
//! A text that several terminals on one machine edit over UDP: notepad PORT PEER_PORT...
//! If standard input is no terminal, it reads commands such as `insert 0 hello` and `print`.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string_view>

#include <poll.h>
#include <unistd.h>

#include "script.hpp"
#include "session.hpp"

using namespace std::chrono_literals;

/// A number that all processes share. Datagrams with another number are rejected.
constexpr std::uint64_t cluster_id = 0x7E87;

volatile std::sig_atomic_t is_stopped = 0;

/// Waits for input or a datagram, at most `most`, and exchanges messages with the peers. Returns
/// true if there is input.
bool wait(Replica& replica, int input, crdt::replication::Duration most) {
    pollfd files[] = {{input, POLLIN, 0}, {replica.file(), POLLIN, 0}};
    ::poll(files, 2, replica.time_left(most));
    replica.receive();
    replica.send_due();
    return files[0].revents != 0;
}

/// Runs until the user leaves, the input ends or a signal arrives.
template <class User>
void run(Replica& replica, User&& user) {
    char bytes[4096];
    while (!is_stopped && !user.is_done()) {
        user.show();
        if (!wait(replica, STDIN_FILENO, 1s)) continue;
        const auto count = ::read(STDIN_FILENO, bytes, sizeof bytes);
        if (count <= 0) return user.close();
        user.read({bytes, static_cast<std::size_t>(count)});
    }
}

/// Sends the last changes to the peers. Gives up after a second.
void finish(Replica& replica) {
    const auto end = crdt::system::monotonic_now() + 1s;
    while (!is_up_to_date(replica) && crdt::system::monotonic_now() < end) wait(replica, -1, 100ms);
}

int main(int argc, char** argv) {
    try {
        Replica replica(ports_of(argc, argv), cluster_id);
        for (const int signal : {SIGHUP, SIGINT, SIGTERM})
            std::signal(signal, [](int) { is_stopped = 1; });
        if (Terminal::is_available())
            run(replica, Session(replica));
        else
            run(replica, Script(replica));
        finish(replica);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "notepad: " << error.what() << "\n";
        return 1;
    }
}
