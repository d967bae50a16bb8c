"""The labs' tests are `make test-labs`: all are marked, and without the labs' libraries none
is collected. Real data is never part of the project.
"""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

REAL_DATA = Path(
    os.environ.get("WILDRYDES_LAB_DATA") or Path(__file__).resolve().parents[3] / "shared/data"
)

HERE = Path(__file__).parent
collect_ignore_glob = [] if find_spec("pooch") else ["*"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("labs")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with bank/, mnist/ and tickit/: beside the project, or where
    WILDRYDES_LAB_DATA says.
    """
    if not REAL_DATA.is_dir():
        pytest.skip(f"no real data at {REAL_DATA}: set WILDRYDES_LAB_DATA")
    return REAL_DATA
