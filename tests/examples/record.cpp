// SPDX-License-Identifier: MIT
#include <string>

#include <crdt/ewflag.hpp>
#include <crdt/mvregister.hpp>
#include <crdt/ormap.hpp>
#include <crdt/record.hpp>

int main() {
    using Task = crdt::Record<crdt::Field<"title", crdt::MVRegister<std::string>>,
                              crdt::Field<"done", crdt::EWFlag<>>>;
    crdt::ORMap<std::string, Task> a;
    a.update("1", [](Task& task) {
        return task.update<"title">([](auto& title) { return title.assign("a", "buy milk"); });
    });
    crdt::ORMap<std::string, Task> b = a;
    b.update("1", [](Task& task) {
        return task.update<"done">([](auto& done) { return done.enable("b"); });
    });
    a.merge(b);  // a.view("1").view<"title">().value() == "buy milk"
    const auto task = a.view("1");
    return task.view<"title">().value() == "buy milk" && task.view<"done">().enabled() ? 0 : 1;
}
