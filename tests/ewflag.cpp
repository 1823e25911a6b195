// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <crdt/ewflag.hpp>

#include "support/menu.hpp"
#include "support/set_models.hpp"

namespace ewflag_tests {

using crdt::EWFlag;

namespace {

/// In the model, the flag is enabled while there is a current enable.
struct Model : support::FlagModel<EWFlag<>> {
    bool expected(const Events& events, Known known) const {
        return support::has_add(kinds_in_force(events, known, 0));
    }
};

const bool listed = support::on_menu<EWFlag<>, Model>("EWFlag", support::write_to_flag);

}  // namespace

TEST_CASE("EWFlag: a concurrent enable wins over a disable") {
    EWFlag<> a;
    CHECK_FALSE(a.enabled());
    CHECK(a.disable().is_bottom());
    a.enable("a");
    EWFlag<> b = a;
    a.disable();
    CHECK_FALSE(a.enabled());
    b.enable("b");
    a.merge(b);
    CHECK(a.enabled());
}

}  // namespace ewflag_tests
