"""Sizes on the command line, and the limit that they set."""

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from fleet.errors import StateTooLarge
from wildrydes.cli import wildrydes
from wildrydes.size_option import Size


@pytest.mark.parametrize(
    ("text", "size"), [("64", 64), ("64KB", 64_000), ("500 mb", 500_000_000), ("2GB", 2 * 10**9)]
)
def test_sizes(text: str, size: int) -> None:
    assert Size().convert(text, None, None) == size


@pytest.mark.parametrize("text", ["", "many", "-1GB", "1.5GB", "1TB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a size such as 500MB or 2GB"):
        Size().convert(text, None, None)


def test_a_run_ends_before_its_state_takes_more_than_it_may(tmp_path: Path) -> None:
    (tmp_path / "app.sql").write_text(
        'CREATE STREAM "OUT" ("n" BIGINT); '
        'CREATE PUMP "ALL_TIME" AS INSERT INTO "OUT" SELECT STREAM COUNT(*) OVER '
        '(PARTITION BY "n" ROWS UNBOUNDED PRECEDING) FROM "SOURCE_SQL_STREAM_001";'
    )
    column = {"Name": "n", "SqlType": "BIGINT", "Mapping": "$.n"}
    schema = {"RecordFormat": {"RecordFormatType": "JSON"}, "RecordColumns": [column]}
    (tmp_path / "app.schema.json").write_text(json.dumps(schema))
    (tmp_path / "in.jsonl").write_text("".join(f'{{"n": {n}}}\n' for n in range(10_000)))
    command = ["sql", "run", str(tmp_path / "app.sql"), "--input", str(tmp_path / "in.jsonl")]
    result = CliRunner().invoke(wildrydes, [*command, "--state-max", "2MB"])
    assert isinstance(result.exception, StateTooLarge)
    message = r"in pump ALL_TIME: 409\d keys in UNBOUNDED PRECEDING, which forgets no key"
    assert re.search(message, str(result.exception))
    assert CliRunner().invoke(wildrydes, [*command, "--state-max", "100MB"]).exit_code == 0
