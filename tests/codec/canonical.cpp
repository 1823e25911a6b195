// SPDX-License-Identifier: MIT
//! Of whatever a decoder takes, it takes one form: all that differs by a byte or two from the
//! golden documents of all types is refused, or is the document of what was read.
#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/codec/json/nlohmann.hpp>
#include <crdt/crdt.hpp>
#include <crdt/replication/message_serializer.hpp>

using namespace crdt;

namespace {

std::string golden(const std::string& name) {
    std::ifstream file(std::string(GOLDEN_DIR) + "/" + name);
    REQUIRE(file);
    std::string text(std::istreambuf_iterator<char>(file), {});
    text.pop_back();  // the end of the line
    return text;
}

std::string unhex(const std::string& digits) {
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2)
        bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    return bytes;
}

/// Calls visit(bytes) for all that comes of `original` when one byte is left out, put in or
/// changed.
template <class Visit>
void for_each_neighbour(const std::string& original, std::string_view alphabet, Visit&& visit) {
    for (std::size_t place = 0; place <= original.size(); ++place) {
        std::string bytes = original;
        for (const char letter : alphabet) {
            bytes.insert(place, 1, letter);
            visit(bytes);
            bytes.erase(place, 1);
        }
        if (place == original.size()) return;
        for (const char letter : alphabet) {
            bytes[place] = letter;
            visit(bytes);
        }
        for (unsigned bit = 0; bit < 8; ++bit) {
            bytes[place] = original[place];
            bytes[place] ^= static_cast<char>(1U << bit);
            visit(bytes);
        }
        visit(bytes.erase(place, 1));
    }
}

/// How many were taken, and how many of these are not what is written for what was read.
struct Count {
    int taken = 0;
    int wrong = 0;
    std::string example{};

    void note(const std::string& bytes, const std::string& written) {
        ++taken;
        if (bytes == written) return;
        ++wrong;
        example = bytes;
    }
};

void check(const Count& count) {
    CAPTURE(count.example);
    CHECK(count.taken > 0);
    CHECK(count.wrong == 0);
}

constexpr std::string_view json_letters = " \n{}[]\":,0123456789-+.eEabnt\\";
constexpr std::string_view numbers("\0\1\2\3\4\x7F\x80\x81\xFF", 9);

/// As values: a message's text is laid out by those who carry it.
template <class T>
void note_value(Count& count, const std::string& text) {
    if (const auto read = json::try_decode_value<T>(text))
        count.note(json::parse(text)->dump(), json::encode_value(*read));
}

/// The same, with the members of each object from the last to the first.
nlohmann::ordered_json reversed(const nlohmann::ordered_json& value) {
    if (!value.is_structured()) return value;
    nlohmann::ordered_json result =
        value.is_array() ? nlohmann::ordered_json::array() : nlohmann::ordered_json::object();
    if (value.is_array())
        for (const auto& element : value) result.push_back(reversed(element));
    else
        for (auto member = value.end(); member != value.begin();) {
            --member;
            result[member.key()] = reversed(*member);
        }
    return result;
}

/// Other texts of the same value.
template <class T>
void check_layouts(const std::string& text) {
    const auto document = nlohmann::ordered_json::parse(text);
    for (const std::string& other : {reversed(document).dump(), document.dump(2), text + ' '}) {
        CAPTURE(other);
        CHECK_FALSE(json::try_decode<T>(other));
        const auto read = json::try_decode_any_layout<T>(other);
        REQUIRE(read);
        CHECK(json::encode(*read) == text);
    }
}

template <class T>
void check_type() {
    const std::string name(T::type_name);
    CAPTURE(name);
    const std::string text = golden(name + ".v2.json");
    Count documents, values, bytes;
    for_each_neighbour(text, json_letters, [&](const std::string& other) {
        if (const auto read = json::try_decode<T>(other))
            documents.note(other, json::encode(*read));
        if (const auto read = json::try_decode_any_layout<T>(other))
            values.note(nlohmann::json::parse(other).dump(), json::encode(*read));
    });
    check(documents);
    check(values);
    CHECK(values.taken > documents.taken);
    check_layouts<T>(text);
    for_each_neighbour(unhex(golden(name + ".v2.hex")), numbers, [&](const std::string& other) {
        if (const auto read = binary::try_decode<T>(other))
            bytes.note(other, binary::encode(*read));
    });
    check(bytes);
}

template <class... T>
void check_types() {
    (check_type<T>(), ...);
}

}  // namespace

TEST_CASE("codecs: what differs by a byte from a golden document is refused, or has that form") {
    check_types<GCounter<>, PNCounter<int>, LexCounter<>, BoundedCounter<>, ResettableCounter<>,
                GSet<std::string>, TwoPhaseSet<std::string>, AWSet<int>, RWSet<std::string>,
                Bag<std::string>, LWWRegister<std::string>, MVRegister<int>, EWFlag<int>, DWFlag<>,
                GMap<int, PNCounter<>>, ORMap<std::string, ORMap<int, MVRegister<bool>>>,
                RWMap<std::string, EWFlag<>>, VersionVector<>, HLC>();
}

TEST_CASE("codecs: so is what differs by a byte from a message") {
    using Message = replication::Message<GCounter<>>;
    Message message;  // without a sketch, which is many numbers alike
    message.from_epoch = 7;
    message.to_epoch = 9;
    message.ack = 4;
    message.wants_digest = true;
    message.fingerprint = replication::Fingerprint{1, 2, 3};
    GCounter<> delta;
    delta.add("n1", 5);
    message.changes = {delta, 2, 6};
    message.digest = digest(delta);
    Count values, bytes;
    for_each_neighbour(json::encode_value(message), json_letters,
                       [&](const std::string& other) { note_value<Message>(values, other); });
    check(values);
    for_each_neighbour(binary::encode_value(message), numbers, [&](const std::string& other) {
        if (const auto read = binary::try_decode_value<Message>(other))
            bytes.note(other, binary::encode_value(*read));
    });
    check(bytes);
}
