"""The Go SDK 2 as it is: JSON over HTTP/1.1."""

import shutil
from pathlib import Path

import pytest

from tests.local_kinesis.clients.program import run, served

pytestmark = pytest.mark.long

SDK = "github.com/aws/aws-sdk-go-v2"
VERSIONS = (f"{SDK}@v1.48.0", f"{SDK}/credentials@v1.21.0", f"{SDK}/service/kinesis@v1.56.12")
PROGRAM = Path(__file__).with_name("go") / "main.go"


@pytest.mark.skipif(shutil.which("go") is None, reason="needs Go 1.24 or newer")
def test_the_go_sdk(tmp_path: Path) -> None:
    shutil.copy(PROGRAM, tmp_path)
    run("go mod init roundtrip", tmp_path)
    run(["go", "get", *VERSIONS], tmp_path)
    run("go build -o roundtrip .", tmp_path, GOFLAGS="-mod=mod")
    with served() as url:
        assert run(["./roundtrip", url], tmp_path).splitlines()[-1] == "ok"
