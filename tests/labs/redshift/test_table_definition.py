"""CREATE TABLE as Redshift writes it."""

import duckdb
import pytest

from fleet.errors import SqlErrors
from labs.redshift.column import Column
from labs.redshift.script import Script
from labs.redshift.table_definition import TableDefinition, parse_table


def read(text: str) -> TableDefinition:
    return parse_table(Script(text, "lab.sql").statements[0])


TABLE = """
CREATE TABLE IF NOT EXISTS sales (
  salesid integer NOT NULL DISTKEY,
  name char(8) ENCODE lzo,
  letter char,
  note text,
  long varchar(MAX) encode zstd,
  paid decimal(8,2) DEFAULT 0 ENCODE az64,
  whole numeric,
  share real, precise float8, loose float,
  small int2, big bigint,
  is_gift bool,
  day date sortkey,
  at timestamp without time zone NULL,
  buyer integer REFERENCES users(userid),
  PRIMARY KEY (salesid), UNIQUE (name), FOREIGN KEY (buyer) REFERENCES users (userid)
) DISTSTYLE KEY COMPOUND SORTKEY (day, at) BACKUP NO
"""


def test_types_and_lengths_are_redshifts() -> None:
    assert read(TABLE).columns == (
        Column("salesid", "integer", is_required=True),
        Column("name", "char", 8),
        Column("letter", "char", 1),
        Column("note", "varchar", 256),
        Column("long", "varchar", 65_535),
        Column("paid", "decimal", 8, 2),
        Column("whole", "decimal", 18, 0),
        Column("share", "real"),
        Column("precise", "double precision"),
        Column("loose", "double precision"),
        Column("small", "smallint"),
        Column("big", "bigint"),
        Column("is_gift", "boolean"),
        Column("day", "date"),
        Column("at", "timestamp"),
        Column("buyer", "integer"),
    )


def test_what_has_no_effect_is_told_as_it_was_written() -> None:
    assert read(TABLE).without_effect == (
        "DISTKEY", "ENCODE lzo", "encode zstd", "ENCODE az64", "sortkey", "DISTSTYLE KEY",
        "COMPOUND SORTKEY (day, at)", "BACKUP NO", "PRIMARY KEY (salesid)", "UNIQUE (name)",
        "FOREIGN KEY (buyer) REFERENCES users (userid)", "REFERENCES users (userid)",
    )  # fmt: skip


def test_duckdb_makes_it() -> None:
    with duckdb.connect() as connection:
        connection.execute(read(TABLE).tree.sql("duckdb"))
        made = connection.execute("DESCRIBE sales").fetchall()
    assert [(name, kind, null) for name, kind, null, *_ in made[:6]] == [
        ("salesid", "INTEGER", "NO"),
        ("name", "VARCHAR", "YES"),
        ("letter", "VARCHAR", "YES"),
        ("note", "VARCHAR", "YES"),
        ("long", "VARCHAR", "YES"),
        ("paid", "DECIMAL(8,2)", "YES"),
    ]


@pytest.mark.parametrize(
    "table", ["t (a int) diststyle even", "t (a int) sortkey auto", "t (encode int)",
              "t (a int, sortkey int) interleaved sortkey(a)"],
)  # fmt: skip
def test_attributes_are_no_columns_and_columns_no_attributes(table: str) -> None:
    assert {column.kind for column in read(f"CREATE TABLE {table}").columns} == {"integer"}


WRONG = [
    ("CREATE TABLE t (a int,\n  b super)", 2, 3, "does not load SUPER"),
    ("CREATE TABLE t (a int IDENTITY(0,1))", 1, 17, "IDENTITY"),
    ("CREATE TABLE t (a int ENCODE zip)", 1, 30, "ENCODE takes one of"),
    ("CREATE TABLE t (a int) DISTSTYLE some", 1, 34, "DISTSTYLE takes one of"),
    ("CREATE TABLE t (a int,\n  b in t)", 2, 8, "Expecting )"),
    ("CREATE TABLE t", 1, 1, "needs the columns"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), WRONG)
def test_what_is_wrong_has_a_place(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(SqlErrors) as caught:
        read(text)
    [error] = caught.value.errors
    assert (error.line, error.column) == (line, column)
    assert message in str(error)
