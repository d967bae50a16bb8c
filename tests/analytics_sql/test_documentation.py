"""The examples of docs/sql are applications, schemas and errors as they really are."""

import json
import re
from pathlib import Path

import pytest

from analytics_sql.application_file import WORKSHOP_SCHEMA
from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from fleet.errors import SqlErrors

PAGE = (Path(__file__).parents[2] / "docs/sql/README.md").read_text()
SCHEMA = InputSchema.read(WORKSHOP_SCHEMA)


def _blocks(language: str) -> list[str]:
    blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert blocks
    return blocks


@pytest.mark.parametrize("text", _blocks("sql"))
def test_applications(text: str) -> None:
    application = compile_application(text, name="example", schema=SCHEMA)
    assert application.outputs == {"LONG_RIDES"}


@pytest.mark.parametrize("text", _blocks("json"))
def test_schemas(text: str) -> None:
    assert InputSchema.from_json(json.loads(text), where="example").columns


@pytest.mark.parametrize("shown", _blocks("text"))
def test_errors(shown: str) -> None:
    query = re.search(r"\| (SELECT .*)", shown)
    assert query is not None
    text = (
        "CREATE STREAM A (X VARCHAR(16), Y DOUBLE);\nCREATE PUMP P AS INSERT INTO A\n"
        f'{query[1]}\nFROM "SOURCE_SQL_STREAM_001" AS s\nGROUP BY "Name", FLOOR(s.ROWTIME TO HOUR)'
    )
    with pytest.raises(SqlErrors) as caught:
        compile_application(text, name="rides.sql", schema=SCHEMA)
    assert caught.value.render() == shown.rstrip("\n")
