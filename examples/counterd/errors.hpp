// SPDX-License-Identifier: MIT
//! error_of: converts an exception into the error of an answer.
#pragma once

#include <exception>
#include <new>
#include <optional>
#include <stdexcept>

#include "request.hpp"

namespace counterd {

/// Runs `action`. If it throws an exception, returns the error to send as the answer.
template <class Action>
std::optional<Error> error_of(Action&& action) {
    try {
        action();
        return std::nullopt;
    } catch (const Error& error) {
        return error;
    } catch (const std::bad_alloc&) {
        return Error(ErrorCode::temporarily_unavailable, "out of memory, try again later");
    } catch (const std::out_of_range& error) {
        return Error(ErrorCode::precondition_failed, error.what());
    } catch (const std::overflow_error& error) {
        return Error(ErrorCode::precondition_failed, error.what());
    } catch (const std::invalid_argument& error) {
        return Error(ErrorCode::precondition_failed, error.what());
    } catch (const std::exception& error) {
        return Error(ErrorCode::crash, error.what());
    }
}

}  // namespace counterd
