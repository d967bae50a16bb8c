"""The JavaScript SDK 3 as it is: JSON over HTTP/2."""

import shutil
from pathlib import Path

import pytest

from tests.local_kinesis.clients.program import run, served

pytestmark = pytest.mark.long

VERSION = "3.1143.0"
PROGRAM = Path(__file__).with_name("node") / "round_trip.mjs"


@pytest.mark.skipif(
    shutil.which("npm") is None, reason="needs Node 20 with npm: apt-get install nodejs npm"
)
def test_the_javascript_sdk(tmp_path: Path) -> None:
    shutil.copy(PROGRAM, tmp_path)
    (tmp_path / "package.json").write_text('{"private": true}')
    package = f"@aws-sdk/client-kinesis@{VERSION}"
    run(f"npm install --no-package-lock --no-audit --no-fund --silent {package}", tmp_path)
    with served() as url:
        assert run(["node", PROGRAM.name, url], tmp_path).splitlines()[-1] == "ok"
