// SPDX-License-Identifier: MIT
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <doctest/doctest.h>

#include <crdt/codec/expected.hpp>

namespace expected_tests {

using crdt::BadExpectedAccess;
using crdt::DecodeError;
using crdt::Expected;

namespace {

const DecodeError error{"trailing bytes", "byte 7"};

Expected<int> half_of(int number) {
    if (number % 2 != 0) return DecodeError{"odd", {}};
    return number / 2;
}

}  // namespace

static_assert(std::is_same_v<Expected<int>::value_type, int>);
static_assert(std::is_same_v<Expected<int>::error_type, DecodeError>);
static_assert(!std::is_convertible_v<Expected<int>, bool>);
static_assert(std::is_nothrow_move_constructible_v<Expected<std::unique_ptr<int>>>);

TEST_CASE("Expected: it can have a value") {
    Expected<std::string> text(std::string("abc"));
    CHECK(text.has_value());
    CHECK(text);
    CHECK(text.value() == "abc");
    CHECK(*text == "abc");
    CHECK(text->size() == 3);
    CHECK(text.value_or("other") == "abc");
    *text += "d";
    text->push_back('e');
    CHECK(std::as_const(text).value() == "abcde");
    CHECK(text == Expected<std::string>(std::string("abcde")));
    CHECK(text != Expected<std::string>(error));
}

TEST_CASE("Expected: it can have an error") {
    const Expected<int> number(error);
    CHECK_FALSE(number.has_value());
    CHECK_FALSE(number);
    CHECK(number.error() == error);
    CHECK(number.value_or(5) == 5);
    CHECK(number == Expected<int>(error));
    CHECK(number != Expected<int>(DecodeError{"trailing bytes", "byte 8"}));
    CHECK_THROWS_WITH_AS(number.value(), "trailing bytes at byte 7", BadExpectedAccess);
    CHECK_THROWS_AS(Expected<int>(error).value(), std::runtime_error);
    // An error of another type has no text to print.
    CHECK_THROWS_WITH_AS((Expected<std::string, int>(7).value()),
                         "Expected: there is an error, and no value", BadExpectedAccess);
}

TEST_CASE("Expected: a value is made in place, and can be replaced by an error") {
    struct Fixed {
        int number;
        explicit Fixed(int i) : number(i) {}
        Fixed(const Fixed&) = delete;
        Fixed& operator=(const Fixed&) = delete;
    };
    auto fixed = Expected<Fixed>::of([] { return Fixed(7); });
    CHECK(fixed->number == 7);
    fixed.fail(error);
    CHECK_FALSE(fixed);
    CHECK(fixed.error() == error);
    fixed.fail({"odd", {}});
    CHECK(fixed.error().reason == "odd");
}

TEST_CASE("Expected: the text of an error has the position, if there is one") {
    CHECK(error.to_string() == "trailing bytes at byte 7");
    CHECK(DecodeError{"odd", {}}.to_string() == "odd");
}

TEST_CASE("Expected: a value can be moved out of a temporary") {
    using Pointer = std::unique_ptr<int>;
    const auto make = [] { return Expected<Pointer>(std::make_unique<int>(7)); };
    CHECK(*make().value() == 7);
    CHECK(**make() == 7);
    CHECK(*make().value_or(nullptr) == 7);
    CHECK(*make().transform([](Pointer pointer) { return *pointer; }) == 7);
    const auto next = make().and_then([](Pointer pointer) {
        ++*pointer;
        return Expected<Pointer>(std::move(pointer));
    });
    CHECK(**next == 8);
    CHECK(Expected<Pointer>(error).value_or(nullptr) == nullptr);
    CHECK(Expected<Pointer>(error).error() == error);
}

TEST_CASE("Expected: and_then() and transform() use the value, or pass on the error") {
    CHECK(half_of(12).and_then(half_of) == Expected<int>(3));
    CHECK(half_of(6).and_then(half_of).error().reason == "odd");
    CHECK(half_of(3).and_then(half_of).error().reason == "odd");
    int calls = 0;
    const auto text_of = [&](int number) {
        ++calls;
        return std::to_string(number);
    };
    const Expected<int> four(4), none(error);
    CHECK(four.transform(text_of) == Expected<std::string>(std::string("4")));
    CHECK(none.transform(text_of) == Expected<std::string>(error));
    CHECK(four.and_then(half_of) == Expected<int>(2));
    CHECK(calls == 1);
}

}  // namespace expected_tests
