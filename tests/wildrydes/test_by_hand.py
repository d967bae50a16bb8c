"""The README's "The flow by hand", as printed there, each command in a process of its own."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wildrydes.running import Running, client, table_rows, wait_until

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = str(Path(sys.executable).with_name("wildrydes"))


def readme_lines() -> list[str]:
    """The lines of the shell blocks under "The flow by hand"."""
    section = (ROOT / "README.md").read_text().split("## The flow by hand")[1].split("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.long
def test_the_flow_by_hand(tmp_path: Path) -> None:
    local, export, simulator, processor, consumer, results, verify, *aws = readme_lines()
    assert all(line.startswith("aws ") for line in aws)
    assert verify == "wildrydes verify"  # tests/wildrydes/test_verify.py runs it
    with Running(*shlex.split(local)[1:], "--port", "0") as endpoint:
        url = endpoint.named("ready")["url"]
        exported = export.replace("http://127.0.0.1:4566", url).removeprefix("export ")
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        environment = kept | dict(pair.split("=", 1) for pair in exported.split())

        def start(line: str, *more: str) -> subprocess.Popen[str]:
            command = [PROGRAM, *shlex.split(line)[1:], *more]
            pipe = subprocess.PIPE
            return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment)

        with start(simulator, "--for", "100") as unicorn:
            wait_until("the stream", lambda: _has_stream(url, "wildrydes"))
            data = str(tmp_path)
            with start(processor, "--port", "0", "--data", data) as service:
                wait_until("the summary stream", lambda: _has_stream(url, "wildrydes-summary"))
                with start(consumer, "--from", "trim-horizon", "--count", "1") as reader:
                    wait_until("a row", lambda: bool(_rows(url)), pause_s=1)
                    out, errors = reader.communicate(timeout=30)
                    assert reader.returncode == 0, errors
                    assert '"Name":"Bucephalus"' in out.replace(" ", "")
                with start(results) as table:
                    out, errors = table.communicate(timeout=30)
                    assert table.returncode == 0, errors
                    assert "Bucephalus" in out
                service.terminate()
                out, errors = service.communicate(timeout=30)
                assert service.returncode == 0, errors
                assert "snapshot saved" in out
            unicorn.terminate()
            out, errors = unicorn.communicate(timeout=30)
            assert unicorn.returncode == 0, errors
            # How many depends on when in its minute the ride began: the row may come at once.
            assert "\n." in out


def _has_stream(url: str, name: str) -> bool:
    return name in client("kinesis", url).list_streams()["StreamNames"]


def _rows(url: str) -> list[dict[str, object]]:
    dynamodb = client("dynamodb", url)
    if "UnicornSensorData" not in dynamodb.list_tables()["TableNames"]:
        return []
    return table_rows(dynamodb, "UnicornSensorData")
