from pathlib import Path

import pytest

from fleet.errors import ConfigError
from labs.datasource.reader import parse_record, read_rows
from labs.datasource.schema import Kind, Schema, read_schema

SCHEMA = Schema("y", {"age": Kind.NUMERIC, "job": Kind.CATEGORICAL, "y": Kind.BINARY})
GOOD = "age;job;y\n30;cook;yes\n;;no\n"


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "calls.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_columns_are_those_of_the_schema_and_empty_is_missing(tmp_path: Path) -> None:
    text = 'y;note;job;age\nyes;"a; b";cook;30\nno;;;\n'
    rows = read_rows(write(tmp_path, text), SCHEMA, ";").rows()
    assert rows == [(30.0, "cook", "yes"), (None, None, "no")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1 is empty: no header"),
        ("age;job;y\n", "the target 'y' has no row"),
        ("age,job,y\n30,cook,yes\n", "line 1 is separated by commas, not by semicolons"),
        ("age;y\n30;yes\n", "line 1 has no column job"),
        ("age;job;y\n30;cook;yes\n31;cook\n", "line 3 has 2 values, the header 3 columns"),
        ("age;job;y\n30;cook;yes\nold;cook;no\n", "line 3: age is 'old', not a number"),
        ("age;job;y\n30;cook;yes\nnan;cook;no\n", "line 3: age is 'nan', not a number"),
        # The line of the file, not the number of the row: a value holds a line break.
        ('age;job;y\n30;"co\nok";yes\nold;cook;no\n', "line 4: age is 'old', not a number"),
        ("age;job;y\n30;cook;yes\n31;cook;\n", "line 3: the target y is empty"),
        ("age;job;y\n30;cook;no\n31;cook;no\n", "the target 'y' holds only 'no'"),
        ('age;job;y\n30;"cook;yes\n', "line 2: unexpected end of data"),
        ('age;job;y\n30;"co"ok;yes\n', "line 2: ';' expected after"),
        (b"age;job;y\n30;caf\xe9;no\n", "is not UTF-8 text"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as raised:
        read_rows(path, SCHEMA, ";")
    assert message in str(raised.value)
    assert str(path) in str(raised.value)


def test_another_delimiter_is_named_in_the_remedy(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace(";", "|"))
    with pytest.raises(ConfigError) as raised:
        read_rows(path, SCHEMA, ";")
    assert raised.value.remedy == "--delimiter '|'"
    assert read_rows(path, SCHEMA, "|").height == 2


def test_quotes_that_another_delimiter_makes_senseless(tmp_path: Path) -> None:
    path = write(tmp_path, '"age","job","y"\n30,"cook","yes"\n')
    with pytest.raises(ConfigError, match=r"line 1: ';' expected") as raised:
        read_rows(path, SCHEMA, ";")
    assert "is it not semicolons that separate it? --delimiter" in (raised.value.remedy or "")


def test_a_record_needs_every_attribute() -> None:
    assert parse_record({"age": "30", "job": ""}, SCHEMA, "Record").rows() == [(30.0, None)]
    with pytest.raises(ConfigError, match="Record: no value for job"):
        parse_record({"age": "30"}, SCHEMA, "Record")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a schema"),
        ('{"targetAttributeName": "y"}', "is not a schema"),
        (
            '{"targetAttributeName": "y", "attributes": '
            '[{"attributeName": "a", "attributeType": "NUMERIC"}]}',
            "the target 'y' is not among the attributes",
        ),
        (
            '{"targetAttributeName": "y", "attributes": '
            '[{"attributeName": "y", "attributeType": "TEXT"}]}',
            "y is of type 'TEXT'",
        ),
    ],
)
def test_a_schema_that_is_none_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "schema.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_schema(path)
