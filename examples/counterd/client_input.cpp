// SPDX-License-Identifier: MIT
#include "client_input.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <crdt/system/decimal.hpp>

#include "request.hpp"

namespace counterd {

namespace {

bool is_blank(char letter) { return letter == ' ' || letter == '\t'; }

/// Removes the blanks at the begin of `text`.
void skip_blanks(std::string_view& text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}
/// Removes the first word of `text` and the blanks behind it, and returns the word.
std::string_view consume_word(std::string_view& text) {
    const auto end = std::find_if(text.begin(), text.end(), is_blank);
    const std::string_view word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(word.size());
    skip_blanks(text);
    return word;
}
/// Compares a word with a verb in capital letters. The letters of the word may be small.
bool is_verb(std::string_view word, std::string_view verb) {
    return std::equal(word.begin(), word.end(), verb.begin(), verb.end(), [](char a, char b) {
        return a == b || (a >= 'a' && a <= 'z' && a - 'a' == b - 'A');
    });
}

/// The words of a command behind its verb.
struct Words {
    static constexpr std::size_t most = 3;
    std::array<std::string_view, most> words{};
    std::size_t size = 0;

    /// Throws ProtocolError if there are fewer than `least` or more than three words.
    Words(std::string_view text, std::size_t least) {
        for (; !text.empty() && size < most; ++size) words[size] = consume_word(text);
        if (size < least || !text.empty()) throw ProtocolError("Parser Error");
    }
    std::string_view first() const { return words[0]; }
    std::string_view last() const { return words[size - 1]; }
};

std::uint64_t number(std::string_view digits) {
    const auto number = crdt::system::decimal<std::uint64_t>(digits);
    if (!number) throw ProtocolError("Parser Error");
    return *number;
}

}  // namespace

std::optional<ClientCommand> ClientInput::next() {
    using Verb = ClientCommand::Verb;
    constexpr std::string_view line_end = "\r\n";
    const std::string_view bytes(bytes_);
    const std::size_t end = bytes.find('\n', std::max(begin_, seen_));
    seen_ = std::min(end, bytes.size());
    if (seen_ - begin_ > longest_line) throw ProtocolError("Maximum Control Line Exceeded");
    if (end == bytes.npos) return std::nullopt;
    std::string_view rest = bytes.substr(begin_, end - begin_);
    if (rest.ends_with('\r')) rest.remove_suffix(1);
    skip_blanks(rest);
    const std::string_view verb = consume_word(rest);
    std::size_t size = 0;
    ClientCommand command;
    if (is_verb(verb, "PUB")) {
        const Words words(rest, 2);
        const std::uint64_t wanted = number(words.last());
        if (wanted > Request::longest) throw ProtocolError("Maximum Payload Violation");
        size = static_cast<std::size_t>(wanted);
        const std::string_view tail = bytes.substr(end + 1);
        if (tail.size() < size + line_end.size()) return std::nullopt;
        if (tail.substr(size, line_end.size()) != line_end) throw ProtocolError("Parser Error");
        command = {Verb::publish,
                   words.first(),
                   words.size == 3 ? words.words[1] : "",
                   {},
                   tail.substr(0, size)};
        size += line_end.size();
    } else if (is_verb(verb, "SUB")) {
        const Words words(rest, 2);  // a queue between the two makes no difference here
        command = {Verb::subscribe, words.first(), {}, words.last()};
    } else if (is_verb(verb, "UNSUB")) {
        const Words words(rest, 1);
        if (words.size > 2) throw ProtocolError("Parser Error");
        command = {Verb::unsubscribe, {}, {},
                   words.first(),     {}, words.size == 2 ? number(words.last()) : 0};
    } else if (is_verb(verb, "CONNECT")) {
        command = {Verb::connect, {}, {}, {}, rest};
    } else if (is_verb(verb, "PING")) {
        command = {Verb::ping};
    } else if (is_verb(verb, "PONG")) {
        command = {Verb::pong};
    } else {
        throw ProtocolError("Unknown Protocol Operation");
    }
    begin_ = seen_ = end + 1 + size;
    return command;
}

}  // namespace counterd
