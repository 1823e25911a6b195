# SPDX-License-Identifier: MIT
"""Is the workflow one that a runner can follow? workflow.py ROOT"""
import os
import sys

import yaml

KNOWN_ACTIONS = {"actions/checkout@v4", "actions/setup-python@v5"}

root = sys.argv[1]
with open(os.path.join(root, ".github", "workflows", "ci.yml")) as file:
    workflow = yaml.safe_load(file)

assert workflow["name"] and workflow["permissions"] == {"contents": "read"}
assert workflow[True] == ["push", "pull_request"]  # YAML 1.1 reads "on" as true
assert workflow["jobs"]
for name, job in workflow["jobs"].items():
    assert job["runs-on"], name
    for step in job["steps"]:
        assert ("run" in step) != ("uses" in step), (name, step)
        assert step.get("uses", "actions/checkout@v4") in KNOWN_ACTIONS, (name, step)
        program = step.get("run", "").split(" ")[0]
        if "/" in program:
            assert os.access(os.path.join(root, program), os.X_OK), program
    assert any("checkout" in step.get("uses", "") for step in job["steps"]), name
