// SPDX-License-Identifier: MIT
//! The process of a node: pipes, signals and exit.
#include "process.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cluster {
namespace {

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

struct Pipe {
    int read_end = -1;
    int write_end = -1;

    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
        read_end = ends[0];
        write_end = ends[1];
    }
};

void close_once(int& descriptor) {
    if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
}

void set_non_blocking(int descriptor) {
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

/// In the child: executes the command, or reports errno through `report`.
[[noreturn]] void become(const Command& command, const std::vector<char*>& argv, const Pipe& in,
                         const Pipe& out, int report) {
    ::setpgid(0, 0);
    // If the runner is killed, the system kills its nodes, even stopped ones.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::signal(SIGPIPE, SIG_DFL);
    const int log = ::open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    const bool ready = log >= 0 && ::dup2(in.read_end, STDIN_FILENO) >= 0 &&
                       ::dup2(out.write_end, STDOUT_FILENO) >= 0 &&
                       ::dup2(log, STDERR_FILENO) >= 0 &&
                       ::chdir(command.working_directory.c_str()) == 0;
    if (ready) ::execv(command.binary.c_str(), argv.data());
    const int error = errno;
    if (::write(report, &error, sizeof error) < 0) ::_exit(126);
    ::_exit(127);
}

std::string describe(int status) {
    if (WIFSIGNALED(status))
        return std::string("was killed by signal ") + ::strsignal(WTERMSIG(status));
    return "exited with code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Process::Process(const Command& command) {
    ::signal(SIGPIPE, SIG_IGN);  // send() may find that the process has ended
    std::vector<std::string> words{command.binary.string()};
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);

    Pipe in, out, report;
    pid_ = ::fork();
    if (pid_ < 0) fail("fork");
    if (pid_ == 0) become(command, argv, in, out, report.write_end);
    ::setpgid(pid_, pid_);
    for (int* end : {&in.read_end, &out.write_end, &report.write_end}) close_once(*end);
    input_ = in.write_end;
    output_ = out.read_end;
    set_non_blocking(input_);
    set_non_blocking(output_);

    int error = 0;
    const auto got = ::read(report.read_end, &error, sizeof error);
    close_once(report.read_end);
    if (got <= 0) return;
    close_once(input_);
    close_once(output_);
    ::waitpid(pid_, nullptr, 0);
    errno = error;
    fail("cannot run " + command.binary.string());
}

Process::~Process() {
    close_once(input_);
    close_once(output_);
    if (pid_ < 0) return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void Process::send(std::string_view bytes) {
    if (input_ < 0) return;
    unsent_ += bytes;
    flush();
}

void Process::flush() {
    std::size_t done = 0;
    while (done < unsent_.size()) {
        const auto written = ::write(input_, unsent_.data() + done, unsent_.size() - done);
        if (written > 0) {
            done += static_cast<std::size_t>(written);
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            return close_input();
        }
    }
    unsent_.erase(0, done);
}

void Process::close_input() {
    unsent_.clear();
    close_once(input_);
}

void Process::close_output() { close_once(output_); }

void Process::read_lines(const std::function<void(std::string_view)>& on_line) {
    std::array<char, 1 << 16> chunk;
    const auto got = ::read(output_, chunk.data(), chunk.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return close_output();

    std::string_view fresh(chunk.data(), static_cast<std::size_t>(got));
    for (auto end = fresh.find('\n'); end != fresh.npos; end = fresh.find('\n')) {
        unread_ += fresh.substr(0, end);
        fresh.remove_prefix(end + 1);
        on_line(unread_);
        unread_.clear();
    }
    unread_ += fresh;
    if (unread_.size() <= max_line) return;
    on_line(unread_);
    unread_.clear();
}

void Process::signal(int number) {
    if (pid_ >= 0) ::kill(-pid_, number);
}

std::optional<std::string> Process::reap() {
    int status = 0;
    if (pid_ < 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = -1;
    return describe(status);
}

}  // namespace cluster
