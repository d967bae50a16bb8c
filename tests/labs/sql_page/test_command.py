"""`wildrydes lab sql` as a process."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from click.testing import CliRunner

from wildrydes.cli import wildrydes


def test_it_serves_until_it_is_told_to_stop(database: Path) -> None:
    command = [sys.executable, "-m", "wildrydes", "lab", "sql", "--port", "0", "--json"]
    with subprocess.Popen(
        [*command, "--database", str(database)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["database"] == str(database)
        with urllib.request.urlopen(ready["url"]) as page:
            assert b"<title>SQL" in page.read()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=180)
    assert process.returncode == 0, said
    assert said.decode() == "wildrydes: stopped\n"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    ran = CliRunner().invoke(wildrydes, ["lab", "sql", "--database", str(tmp_path / "no.duckdb")])
    assert ran.exit_code == 1
    assert "is not there" in str(ran.exception)
