// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <crdt/dwflag.hpp>

#include "support/menu.hpp"
#include "support/set_models.hpp"

namespace dwflag_tests {

using crdt::DWFlag;

namespace {

/// In the model, the flag is enabled while there are current enables and no current disables.
struct Model : support::FlagModel<DWFlag<>> {
    bool expected(const Events& events, Known known) const {
        return support::has_only_adds(kinds_in_force(events, known, 0));
    }
};

const bool listed = support::on_menu<DWFlag<>, Model>("DWFlag", support::write_to_flag);

}  // namespace

TEST_CASE("DWFlag: a concurrent disable wins over an enable") {
    DWFlag<> a;
    CHECK_FALSE(a.enabled());
    a.enable("a");
    CHECK(a.enabled());
    DWFlag<> b = a;
    a.enable("a");
    b.disable("b");
    a.merge(b);
    CHECK_FALSE(a.enabled());
    a.enable("a");
    CHECK(a.enabled());
}

}  // namespace dwflag_tests
