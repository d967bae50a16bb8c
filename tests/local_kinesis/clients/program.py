"""An endpoint in a process of its own, and programs that use it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


DEADLINE_S = 180.0
RUN_S = 900.0
"""A program may have to fetch what it needs first."""


@contextmanager
def served(*, kinesis_only: bool = True) -> Iterator[str]:
    """The URL of `wildrydes local`."""
    command = [sys.executable, "-m", "wildrydes", "local", "--port", "0", "--json"]
    process = subprocess.Popen(
        [*command, "--kinesis-only"] if kinesis_only else command,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        url: str = json.loads(process.stdout.readline())["url"]
        yield url
    finally:
        process.terminate()
        process.wait(DEADLINE_S)
        process.stdout.close()


def run(command: Sequence[str] | str, folder: Path, **environment: str) -> str:
    """What a program says that must succeed."""
    done = subprocess.run(
        command.split() if isinstance(command, str) else command,
        cwd=folder,
        env={**os.environ, **CREDENTIALS, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=RUN_S,
    )
    if done.returncode:
        pytest.fail(f"{command[0]} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout
