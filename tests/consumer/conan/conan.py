#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a recipe with a stand-in for Conan, into ./package: conan.py RECIPE OPTIONS...

Prints the version, the components, each with what it requires, and what the package requires.
"""
import collections
import importlib.util
import os
import pathlib
import shutil
import sys
import types


def module(name, **content):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__dict__.update(content)


class CppInfo:
    def __init__(self):
        self.components = collections.defaultdict(CppInfo)

    def set_property(self, name, value):
        setattr(self, name, value)


class ConanFile:
    def configure(self):
        pass

    def __init__(self, recipe, wanted):
        self.recipe_folder = os.path.dirname(recipe)
        self.source_folder = self.export_sources_folder = "exported"
        self.package_folder = "package"
        self.options = types.SimpleNamespace(**self.default_options)
        self.required = []
        self.requires = self.required.append
        self.cpp_info = CppInfo()
        for option in wanted:
            assert True in type(self).options[option]
            setattr(self.options, option, True)


def copy(recipe, pattern, source, target):
    for path in pathlib.Path(source).glob(pattern):
        place = pathlib.Path(target) / path.relative_to(source)
        if path.is_dir():
            shutil.copytree(path, place, dirs_exist_ok=True)
        else:
            pathlib.Path(target).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)


module("conan", ConanFile=ConanFile)
module("conan.tools")
module("conan.tools.build", check_min_cppstd=lambda recipe, standard: None)
module("conan.tools.files", copy=copy, load=lambda recipe, path: pathlib.Path(path).read_text())

spec = importlib.util.spec_from_file_location("recipe", sys.argv[1])
loaded = importlib.util.module_from_spec(spec)
spec.loader.exec_module(loaded)

recipe = loaded.Crdt(sys.argv[1], sys.argv[2:])
for step in "set_version", "export_sources", "configure", "requirements", "validate", "package", "package_info":
    getattr(recipe, step)()
print(recipe.version)
for component in recipe.cpp_info.components.values():
    print(component.cmake_target_name, component.pkg_config_name, *component.requires)
print(*recipe.required)
