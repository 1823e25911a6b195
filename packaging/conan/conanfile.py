# SPDX-License-Identifier: MIT
import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load


class Crdt(ConanFile):
    name = "crdt"
    description = "Conflict-free replicated data types, header-only C++20"
    license = "MIT"
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"json": [True, False], "store": [True, False]}
    default_options = {"json": False, "store": False}
    no_copy_source = True

    def _checkout(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        header = load(self, os.path.join(self._checkout(), "include", "crdt", "version.hpp"))
        self.version = ".".join(re.findall(r"CRDT_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))

    def export_sources(self):
        for pattern in "LICENSE", "include/*":
            copy(self, pattern, self._checkout(), self.export_sources_folder)

    def requirements(self):
        if self.options.json:
            self.requires("nlohmann_json/[>=3.10 <4]")
        if self.options.store:
            self.requires("sqlite3/[>=3.8 <4]")

    def validate(self):
        check_min_cppstd(self, 20)

    def package_id(self):
        self.info.clear()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(self, "include/*", self.source_folder, self.package_folder)

    def package_info(self):
        # The whole package's names must not be those of its part crdt.
        self.cpp_info.set_property("cmake_target_name", "crdt::all")
        self.cpp_info.set_property("pkg_config_name", "crdt-all")
        self._component("crdt", [])
        if self.options.json:
            self._component("json", ["crdt", "nlohmann_json::nlohmann_json"])
        if self.options.store:
            self._component("store", ["crdt", "sqlite3::sqlite3"])

    def _component(self, name, requires):
        component = self.cpp_info.components[name]
        component.set_property("cmake_target_name", "crdt::" + name)
        component.set_property("pkg_config_name", "crdt" if name == "crdt" else "crdt-" + name)
        component.bindirs = component.libdirs = []
        component.requires = requires
