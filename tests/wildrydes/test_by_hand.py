"""The README's "The flow by hand", as printed there, each command in a process of its own. The
clock is a fast one, so that a minute need not be waited for.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fleet.settings import CLOCK
from tests.wildrydes.running import DEADLINE_S, Running, client, is_made, table_rows, wait_until

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = str(Path(sys.executable).with_name("wildrydes"))
NOTHING_JUDGED = 4
"""The exit code of `verify` as long as no window has ended that can be judged."""


def readme_lines() -> list[str]:
    """The lines of the shell blocks under "The flow by hand"."""
    section = (ROOT / "README.md").read_text().split("## The flow by hand")[1].split("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


class Terminal:
    """Where commands are typed as the README prints them, after its `export`."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    @contextmanager
    def start(self, line: str, *more: str) -> Iterator[subprocess.Popen[str]]:
        """A command under way; it does not outlive the block."""
        process = subprocess.Popen(
            [PROGRAM, *shlex.split(line)[1:], *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._environment,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()

    def run(self, line: str, *more: str) -> subprocess.CompletedProcess[str]:
        """A command that ends by itself, and what it said."""
        with self.start(line, *more) as process:
            return finished(process)


def finished(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Waits for the end, which is near."""
    output, errors = process.communicate(timeout=DEADLINE_S)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def ended(process: subprocess.Popen[str]) -> str:
    """Asks it to end, which it does well; returns its output."""
    process.terminate()
    done = finished(process)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
def test_the_flow_by_hand(tmp_path: Path) -> None:
    local, export, simulator, processor, consumer, results, verify, *aws = readme_lines()
    assert all(line.startswith("aws ") for line in aws)
    with Running(*shlex.split(local)[1:], "--port", "0", "--time-scale", "5") as endpoint:
        ready = endpoint.named("ready")
        url = ready["url"]
        exported = export.replace("http://127.0.0.1:4566", url).removeprefix("export ")
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        clock = {CLOCK: ready["environment"][CLOCK]}
        terminal = Terminal(kept | clock | dict(pair.split("=", 1) for pair in exported.split()))
        data = ("--data", str(tmp_path))
        with terminal.start(simulator) as unicorn:
            wait_until("the stream", lambda: _has_stream(url, "wildrydes"))
            with terminal.start(processor, "--port", "0", *data) as service:
                wait_until("the summary stream", lambda: _has_stream(url, "wildrydes-summary"))
                with terminal.start(consumer, "--start", "trim-horizon", "--count", "1") as reader:
                    wait_until("a row", lambda: bool(_rows(url)))
                    done = finished(reader)
                    assert done.returncode == 0, done.stderr
                    assert '"Name":"Bucephalus"' in done.stdout.replace(" ", "")
                done = terminal.run(results)
                assert done.returncode == 0, done.stderr
                assert "Bucephalus" in done.stdout
                _verify_until_judged(terminal, verify)
                assert "snapshot saved" in ended(service)
            # How many depends on when in its minute the ride began: the row may come at once.
            assert "\n." in ended(unicorn)


def _verify_until_judged(terminal: Terminal, line: str) -> None:
    """Right after the first row it says to try again: rows may still be about to land."""

    def judged() -> bool:
        # The default of ten seconds is two of this machine's, which may be too busy for that.
        done = terminal.run(line, "--settle", "60s")
        if done.returncode == NOTHING_JUDGED:
            assert "try again" in done.stdout
            return False
        assert done.returncode == 0, done.stdout + done.stderr
        assert "all right" in done.stdout.splitlines()[-1]
        return True

    wait_until("a verdict", judged)


def _has_stream(url: str, name: str) -> bool:
    return is_made(client("kinesis", url), name)


def _rows(url: str) -> list[dict[str, object]]:
    dynamodb = client("dynamodb", url)
    if "UnicornSensorData" not in dynamodb.list_tables()["TableNames"]:
        return []
    return table_rows(dynamodb, "UnicornSensorData")
