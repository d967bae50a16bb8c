"""Run by .ci/run with a fresh environment's Python: the built wheel is whole and alone.

path/to/python tests/wheel.py
"""

import subprocess
import sys
from importlib.metadata import packages_distributions
from importlib.resources import files
from pathlib import Path

PACKAGES = (
    "analytics_sql", "awsio", "fleet", "local_kinesis", "processor", "simulator", "sinks",
    "wildrydes",
)  # fmt: skip
DATA = (
    "analytics_sql/applications/wildrydes/app.sql",
    "analytics_sql/applications/wildrydes/schema.json",
    "analytics_sql/applications/wildrydes/application.toml",
    "simulator/land.json",
    "sinks/live_map/page/index.html",
    "sinks/live_map/page/vendor/leaflet/leaflet.js",
)

owners = packages_distributions()
for package in PACKAGES:
    assert owners[package] == ["wildrydes"], (package, owners.get(package))
assert "tests" not in owners
for path in DATA:
    package, _, rest = path.partition("/")
    assert files(package).joinpath(rest).is_file(), f"{path} is not in the wheel"
program = Path(sys.executable).with_name("wildrydes")
version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
assert version.stdout.startswith("wildrydes, version ")
print("the wheel is whole:", version.stdout.strip())
