"""Run by .ci/run with a fresh environment's Python: the built wheel is whole and alone.

path/to/python tests/wheel.py
"""

import subprocess
import sys
from importlib.metadata import packages_distributions
from importlib.resources import files
from pathlib import Path

PACKAGES = (
    "analytics_sql", "awsio", "fleet", "labs", "local_kinesis", "processor", "simulator", "sinks",
    "wildrydes",
)  # fmt: skip
ROOT = Path(__file__).resolve().parents[1]
# Whatever is no Python: applications with their cases, the land, the map's page, `py.typed`.
DATA = sorted(
    path.relative_to(ROOT).as_posix()
    for package in PACKAGES
    for path in (ROOT / package).rglob("*")
    if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
)

owners = packages_distributions()
for package in PACKAGES:
    assert owners[package] == ["wildrydes"], (package, owners.get(package))
for outside in ("tests", "chaos", "bench"):
    assert outside not in owners, f"{outside} is in the wheel"
for path in (
    "analytics_sql/applications/wildrydes/app.sql",
    "analytics_sql/applications/wildrydes/schema.json",
    "labs/banking/recipe.json",
    "labs/banking/schema.json",
    "labs/banking/slider.html",
    "labs/page/report.html",
    "labs/redshift/tickit.sql",
    "labs/restaurants/recipe.json",
    "labs/restaurants/schema.json",
    "labs/sql_page/page/main.js",
    "simulator/land.json",
    "sinks/live_map/page/base.json",
    "sinks/live_map/page/vendor/leaflet/leaflet.js",
):
    assert path in DATA, f"{path} is not in the tree"
for path in DATA:
    package, _, rest = path.partition("/")
    assert files(package).joinpath(rest).is_file(), f"{path} is not in the wheel"
program = Path(sys.executable).with_name("wildrydes")
version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
assert version.stdout.startswith("wildrydes, version ")
print("the wheel is whole:", version.stdout.strip())
