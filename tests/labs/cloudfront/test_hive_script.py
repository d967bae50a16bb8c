"""Hive's scripts: what is taken, and where a script is wrong. Expectations are worked out by hand
from Hive's LanguageManual, or the line and column counted in the text.
"""

from pathlib import Path

import pytest

from fleet.errors import SqlErrors
from labs.cloudfront.hive.literal import read_literal
from labs.cloudfront.hive.script import Script, parse_script

OUT = Path("/out")
SERDE = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'"
TABLE = (
    f"CREATE EXTERNAL TABLE t (a STRING, b INT)\n{SERDE}\n"
    'WITH SERDEPROPERTIES ("input.regex" = "(\\\\S+) (\\\\d+)")\n'
    "LOCATION '${INPUT}';\n"
)


def parsed(text: str, **variables: str) -> Script:
    return parse_script(text, "a.hql", {"INPUT": "/in", "OUTPUT": "/out", **variables}, OUT)


def fault(text: str) -> tuple[str, int, int, str | None]:
    with pytest.raises(SqlErrors) as caught:
        parsed(text)
    error = caught.value.errors[0]
    return str(error), error.line, error.column, error.remedy


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"'a\\s+b'", r"a\s+b"),
        (r"'[^\(]\;\/'", "[^(];/"),
        (r"'\%20 \_'", r"\%20 \_"),
        (r"'\'\"\n\t\0'", "'\"\n\t\0"),
        (r"'\u0041\001'", "A\x01"),
        ("'é'", "é"),
    ],
)
def test_literals_are_read_as_hive_reads_them(text: str, value: str) -> None:
    assert read_literal(text, 0).value == value


def test_a_script_has_tables_queries_and_notes() -> None:
    script = parsed(
        "-- ${NOBODY} in a comment\nSET hive.exec.parallel = true;\n"
        + TABLE
        + "INSERT OVERWRITE DIRECTORY '${OUTPUT}/x' ROW FORMAT DELIMITED FIELDS TERMINATED BY ','\n"
        + "SELECT a, COUNT(*) n FROM t WHERE b > ${LEAST} GROUP BY a;\nSELECT * FROM T",
        LEAST="3",
    )
    table = script.tables["t"]
    assert [(column.name, column.type.sql("hive")) for column in table.columns] == [
        ("a", "STRING"),
        ("b", "INT"),
    ]
    assert table.location == Path("/in")
    first, second = script.queries
    assert first.text == "SELECT a, COUNT(*) n FROM t WHERE b > 3 GROUP BY a"
    assert (first.directory, first.delimiter) == (Path("/out/x"), ",")
    assert (second.text, second.directory) == ("SELECT * FROM T", None)
    assert "hive.exec.parallel" in script.notes[0]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        (TABLE + "SELEC a FROM t", 5, 9, "Unexpected token"),
        (TABLE + "SELECT a FROM t WHERE", 5, 17, "Required keyword"),
        (TABLE + "SELECT a\nFROM t GROUP BY (a", 6, 18, "Expecting )"),
        (TABLE + "SELECT a\nFROM other", 6, 6, "no table other"),
        (TABLE + "SELECT a,\n  ox FROM t", 6, 3, "no column ox"),
        (TABLE + "SELECT a FROM t WHERE b > ${LEAST}", 5, 27, "no value for ${LEAST}"),
        (TABLE + "SELECT 'a FROM t", 5, 8, "cannot be read"),
        (TABLE + "INSERT INTO t SELECT 1", 5, 1, "INSERT is not taken here"),
        (TABLE + "INSERT OVERWRITE DIRECTORY '/etc' SELECT a FROM t", 5, 28, "is no folder in"),
        (TABLE + "INSERT OVERWRITE DIRECTORY '${OUTPUT}' SELECT a FROM t", 5, 28, "is no folder"),
        (TABLE, 4, 21, "no query in this script"),
        (TABLE.replace("(\\\\d+)", "(\\\\d+"), 3, 47, "this ( is never closed"),
        (TABLE.replace("(\\\\d+)", "\\\\d+"), 3, 39, "2 columns, and 1 groups"),
        (TABLE.replace("b INT", "b MAP<INT,INT>"), 1, 36, "primitive types only"),
        (TABLE.replace("RegexSerDe", "OpenCSVSerde"), 2, 18, "is not taken here"),
        (TABLE.replace("${INPUT}", "s3://logs/"), 4, 10, "is not on this machine"),
        (TABLE.replace("LOCATION '${INPUT}'", ""), 1, 23, "no LOCATION"),
        (TABLE.replace(SERDE, "STORED AS ORC").replace("WITH", "--"), 1, 23, "not taken here"),
        (TABLE + TABLE, 5, 1, "table t is there already"),
        (TABLE + "SELECT a -- ;\n FROM t; DROP TABLE t; SELECT a FROM t", 6, 38, "no table t"),
    ],
)
def test_a_fault_has_line_and_column(text: str, line: int, column: int, message: str) -> None:
    told, *place, _ = fault(text)
    assert message in told
    assert place == [line, column]


def test_a_variable_does_not_move_what_stands_behind_it() -> None:
    text = TABLE + "SELECT a, '${INPUT}', ox FROM t"
    assert fault(text)[1:3] == (5, 23)


def test_the_fault_of_a_pattern_is_shown_where_it_is() -> None:
    text = TABLE.replace("(\\\\S+)", "(\\\\S+[[])")
    with pytest.raises(SqlErrors) as caught:
        parsed(text)
    shown = caught.value.render().splitlines()
    assert shown[1].index("[[") + 1 == shown[2].index("^")
