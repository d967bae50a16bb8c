"""The Java SDK 2 as it is: CBOR over HTTP/1.1 from its synchronous client, over HTTP/2 from its
asynchronous one.
"""

import os
import shutil
from pathlib import Path

import pytest

from tests.local_kinesis.clients.program import run, served

pytestmark = pytest.mark.long

SOURCE = Path(__file__).with_name("java")


@pytest.mark.skipif(
    shutil.which("mvn") is None or shutil.which("javac") is None,
    reason="needs a JDK 17 and Maven: apt-get install openjdk-17-jdk-headless maven",
)
@pytest.mark.parametrize("cbor", ["true", "false"])
def test_the_java_sdk(tmp_path: Path, cbor: str) -> None:
    shutil.copytree(SOURCE, tmp_path, dirs_exist_ok=True)
    run("mvn -q -B dependency:build-classpath -Dmdep.outputFile=classpath", tmp_path)
    classpath = (tmp_path / "classpath").read_text()
    run(["javac", "-cp", classpath, "-d", ".", "KinesisRoundTrip.java"], tmp_path)
    with served() as url:
        said = run(
            ["java", "-cp", f"{tmp_path}{os.pathsep}{classpath}", "KinesisRoundTrip", url],
            tmp_path,
            CBOR_ENABLED=cbor,
        )
    assert said.splitlines()[-1] == "ok"
