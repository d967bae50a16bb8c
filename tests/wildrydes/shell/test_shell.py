"""The shell in a terminal, on a live stream, and in a pipe, on a file."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pexpect
import pytest

from tests.wildrydes.kinesis_endpoint import kinesis_endpoint
from tests.wildrydes.running import DEADLINE_S, client

PAGE = Path(__file__).parents[3] / "docs/sql/moving-in.md"
RECORDS: Sequence[dict[str, object]] = [
    {"Name": "Arion", "Distance": 3.5},
    {"Name": "Balios", "Distance": 4},
]
INPUT = "SOURCE_SQL_STREAM_001"
FILTERED = 'SELECT STREAM "Name", "Distance" FROM "SOURCE_SQL_STREAM_001"'


def piped(
    folder: Path, text: str, *options: str, records: Sequence[dict[str, object]] = RECORDS
) -> subprocess.CompletedProcess[str]:
    (folder / "r.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    command = [
        sys.executable,
        "-m",
        "wildrydes",
        "sql",
        "shell",
        "--input",
        str(folder / "r.jsonl"),
        *options,
    ]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_in_a_pipe(tmp_path: Path) -> None:
    """The session of the docs, an error, and a query that the end of the input ends."""
    (shown,) = re.findall(r"^```text\nsql> (.*?)^```", PAGE.read_text(), re.M | re.S)
    query, _, rows = shown.replace("...> ", "").partition(";\n")
    last = f'SELECT STREAM COUNT(*) AS N FROM "{INPUT}" AS s GROUP BY FLOOR(s.ROWTIME TO DAY)'
    done = piped(tmp_path, f"{query};\n\nSELECT STREAM x FROM y;\n.schema\n.what\n{last}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(rows)
    assert "query:1:22: there is no stream Y" in done.stdout
    assert "Distance   DOUBLE" in done.stdout
    assert "there is no .what" in done.stdout
    assert re.search(r"2026-01-02 00:00:00\.000 +2\n\(1 rows\)\n$", done.stdout)


def test_on_event_time(tmp_path: Path) -> None:
    schema = {
        "RecordFormat": {"RecordFormatType": "JSON"},
        "RecordColumns": [
            {"Name": "N", "SqlType": "INTEGER", "Mapping": "$.N"},
            {"Name": "SENT_AT", "SqlType": "TIMESTAMP", "Mapping": "$.SENT_AT"},
        ],
    }
    (tmp_path / "s.json").write_text(json.dumps(schema))
    sent = [(1, "2025-03-01 10:00:05"), (2, "2025-03-01 10:00:20"), (3, "2025-03-01 10:00:01")]
    lines = [{"N": n, "SENT_AT": time} for n, time in sent]
    options = ["--schema", str(tmp_path / "s.json"), "--event-time", "SENT_AT", "--lateness", "10s"]
    query = f'SELECT STREAM COUNT(*) AS N FROM "{INPUT}" AS s GROUP BY FLOOR(s.ROWTIME TO MINUTE)'
    done = piped(tmp_path, query, *options, "--idle", "off", "--future", "off", records=lines)
    assert done.stderr == ""
    assert re.search(r"2025-03-01 10:01:00\.000 +2\n", done.stdout)
    assert "to error_stream: 1; the first because: late by" in done.stdout
    options[3] = "N"
    refused = piped(tmp_path, query, *options)
    assert refused.returncode == 1
    assert 'event time: column "N" is a INTEGER' in refused.stderr


def test_quit_leaves_what_follows(tmp_path: Path) -> None:
    done = piped(tmp_path, f".quit\n{FILTERED};\n")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.long
def test_in_a_terminal(tmp_path: Path) -> None:
    """Rows scroll while records come; Ctrl-C ends the query, Ctrl-D the shell."""
    with kinesis_endpoint() as url:
        kinesis = client("kinesis", url)
        kinesis.create_stream(StreamName="rides", ShardCount=2)
        put = [{"Data": json.dumps(r).encode(), "PartitionKey": r["Name"]} for r in RECORDS]
        kinesis.put_records(StreamName="rides", Records=put)
        arguments = ["-m", "wildrydes", "sql", "shell", "--stream", "rides", "--endpoint-url", url]
        shell = pexpect.spawn(
            sys.executable,
            [*arguments, "--start", "trim-horizon", "--data", str(tmp_path)],
            env={**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
            encoding="utf-8",
            timeout=DEADLINE_S,
            dimensions=(40, 120),
        )
        shell.expect("sql>")
        shell.sendline('SELECT STREAM "Name", "Distance"')
        shell.expect(r"\.\.\.>")
        shell.sendline('FROM "SOURCE_SQL_STREAM_001" WHERE "Distance" > 3;')
        shell.expect("ROWTIME +Name +Distance")
        assert {shell.expect(["Arion +3.5", "Balios +4.0"]) for _ in range(2)} == {0, 1}
        late = json.dumps({"Name": "Xanthos", "Distance": 9}).encode()
        kinesis.put_record(StreamName="rides", Data=late, PartitionKey="x")
        shell.expect("Xanthos +9.0")
        shell.sendintr()
        shell.expect(r"\(ended; 3 rows\)")
        shell.expect("sql>")
        shell.send("nonsense")
        shell.sendintr()
        shell.expect("sql>")
        shell.sendline(".help")
        shell.expect("Ctrl-D does too")
        shell.expect("sql>")
        shell.sendeof()
        shell.expect(pexpect.EOF)
        shell.close()
        assert shell.exitstatus == 0
    assert '"Distance" > 3;' in (tmp_path / "shell_history").read_text()
