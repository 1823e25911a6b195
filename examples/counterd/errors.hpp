// SPDX-License-Identifier: MIT
//! error_of: what a client is answered when something is thrown.
#pragma once

#include <exception>
#include <new>
#include <optional>
#include <stdexcept>

#include "request.hpp"

namespace counterd {

/// Runs `action`. The error that answers whatever it throws; none, if it returns.
template <class Action>
std::optional<Error> error_of(Action&& action) {
    try {
        action();
        return std::nullopt;
    } catch (const Error& error) {
        return error;
    } catch (const std::bad_alloc&) {
        return Error(ErrorCode::temporarily_unavailable, "there is no memory for this now");
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
