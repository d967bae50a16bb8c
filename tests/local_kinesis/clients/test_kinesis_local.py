"""A second opinion on resharding: npm's kinesis-local asked what the conformance suite asks of us.

It is somebody else's reading of the API reference. Where it differs, the reference decides, and the
difference has a line here; one that comes or goes fails this test.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import pytest

from tests.local_kinesis.clients.program import DEADLINE_S, RUN_S, run
from wildrydes.reserved_port import reserved_port

pytestmark = pytest.mark.long

VERSION = "0.6.2"
LOOPBACK = Path(__file__).with_name("kinesis_local") / "loopback.cjs"
ROOT = Path(__file__).parents[3]
SUITE = "tests/local_kinesis/conformance/test_resharding.py"
OPTIONS = ("-p", "no:cacheprovider")

# SplitShard and MergeShards: "contiguous" ranges, without gaps. UpdateShardCount: "Uniform scaling
# creates shards of equal size". Its ranges end a hash key or more before those of equal size.
UNEVEN = "== [('0', '"
DIFFERENCES: Final = {
    # Each shard's end would lie below the numbers of its records. Shard: "The range of possible
    # sequence numbers for the shard".
    "test_sequence_numbers_of_a_shard_are_between_its_ends": str(2**63 - 1),
    # It lists the children of a split too. ShardFilter: AT_TRIM_HORIZON is "all the shards that
    # were open at TRIM_HORIZON".
    "test_filters": "AT_TRIM_HORIZON",
    # Only the merge of two shards into one has ranges that cannot be uneven, and passes.
    **{f"test_uniform_scaling[{case}]": UNEVEN for case in ("1-2", "2-3", "3-2", "4-3", "2-4")},
    # A split at the first hash key leaves a child of none. SplitShard: "All the lower hash key
    # values in the range are distributed to the other child shard"; the service refuses it.
    "test_what_cannot_be_resharded": "DID NOT RAISE",
}
"""Tests that it fails, and what each failure shows."""


@contextmanager
def kinesis_local(folder: Path, port: int, tls_port: int) -> Iterator[str]:
    """Its URL, once it answers."""
    server = folder / "node_modules" / "kinesis-local"
    process = subprocess.Popen(
        ["node", "--require", LOOPBACK, "main.js"],
        cwd=server,  # Where its certificate is.
        env={
            **os.environ,
            "KINESIS_MOCK_PLAIN_PORT": str(port),
            "KINESIS_MOCK_TLS_PORT": str(tls_port),
            # Each test has a stream, all of which are deleted at the end.
            "SHARD_LIMIT": "1000",
        },
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + DEADLINE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                assert process.poll() is None, "kinesis-local ended"
                assert time.monotonic() < deadline, "kinesis-local does not listen"
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(DEADLINE_S)


@pytest.mark.skipif(
    shutil.which("npm") is None, reason="needs Node 20 with npm: apt-get install nodejs npm"
)
def test_kinesis_local_reshards_alike_but_for_what_is_listed(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"private": true}')
    package = f"kinesis-local@{VERSION}"
    run(f"npm install --no-package-lock --no-audit --no-fund --silent {package}", tmp_path)
    report = tmp_path / "report.xml"
    with (
        reserved_port() as port,
        reserved_port() as tls_port,
        kinesis_local(tmp_path, port, tls_port) as url,
    ):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", SUITE, f"--junit-xml={report}", *OPTIONS],
            cwd=ROOT,
            env={**os.environ, "WILDRYDES_CONFORMANCE_URL": url},
            stdout=subprocess.PIPE,
            text=True,
            timeout=RUN_S,
        )
    assert report.exists(), done.stdout
    cases = list(ElementTree.parse(report).iter("testcase"))
    failures = {
        str(case.get("name")): failure.get("message", "")
        for case in cases
        if (failure := case.find("failure")) is not None
    }
    assert not list(ElementTree.parse(report).iter("error")), done.stdout
    assert failures.keys() == DIFFERENCES.keys(), done.stdout
    for name, shows in DIFFERENCES.items():
        assert shows in failures[name], name
    assert len(cases) > len(failures), "something is alike"
