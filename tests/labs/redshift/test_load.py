"""Lines become rows or load errors. Hand-worked from the Redshift Developer Guide."""

import bz2
import gzip
from datetime import date, datetime
from decimal import Decimal

import pytest
import zstandard

from fleet.errors import ConfigError
from labs.redshift.column import Column
from labs.redshift.copy_statement import parse_copy
from labs.redshift.load import CopyFailed, Load, LoadFile
from labs.redshift.script import Script

URL = "s3://b/k"


def load(columns: list[Column], body: bytes, parameters: str = ""):
    copy = parse_copy(Script(f"COPY t FROM '{URL}' {parameters}", "lab.sql").statements[0])
    made = Load("t", columns, copy.parameters)
    return list(made.rows([LoadFile(URL, body)])), made.errors


def one(kind: str, text: str, parameters: str = "", length: int = 0, scale: int = 0):
    """The value of one field, or the code of its refusal."""
    column = Column("c", kind, length, scale)
    rows, errors = load([column], f"{text}\n".encode("utf-8", "surrogateescape"),
                        f"MAXERROR 2 {parameters}")  # fmt: skip
    return errors[0].err_code if errors else rows[0][0]


VALUES = [
    ("smallint", "32767", 32767), ("smallint", "32768", 1222), ("smallint", "-32768", -32768),
    ("integer", " 42 ", 42), ("integer", "+7", 7), ("integer", "", 1211),
    ("integer", "   ", None), ("integer", "\\N", None),
    ("integer", "1.5", 1207), ("integer", "4x", 1207), ("integer", "-", 1207),
    ("integer", "1_000", 1207), ("integer", "٣", 1207), ("integer", "2147483648", 1222),
    ("bigint", "9223372036854775807", 9223372036854775807), ("bigint", "9" * 5000, 1222),
    ("real", "1.5", 1.5), ("real", "1e39", 1204), ("real", "nan", 1208),
    ("double precision", "-1e3", -1000.0), ("double precision", "1e999", 1204),
    ("double precision", "0x10", 1208), ("double precision", ".5", 0.5),
    ("boolean", "TRUE", True), ("boolean", "t", True), ("boolean", "Yes", True),
    ("boolean", "1", True), ("boolean", "no", False), ("boolean", "F", False),
    ("boolean", "0", False), ("boolean", "on", 1210), ("boolean", "2", 1210),
    ("boolean", "tru", 1210), ("boolean", " ", None),
    ("date", "2008-01-31", date(2008, 1, 31)), ("date", "2008-1-5", date(2008, 1, 5)),
    ("date", "2008-02-30", 1205), ("date", "31/01/2008", 1205),
    ("timestamp", "2008-01-25 14:30:00", datetime(2008, 1, 25, 14, 30)),
    ("timestamp", "2008-01-25 14:30:00.25", datetime(2008, 1, 25, 14, 30, 0, 250_000)),
    ("timestamp", "2008-01-25 24:30:00", 1206), ("timestamp", "yesterday", 1206),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "expected"), VALUES)
def test_values(kind: str, text: str, expected: object) -> None:
    assert one(kind, text) == expected


DECIMALS = [
    ("12.345", "", Decimal("12.34")), ("12.345", "ROUNDEC", Decimal("12.35")),
    ("-12.345", "ROUNDEC", Decimal("-12.35")), ("1e2", "", Decimal("100.00")),
    ("999.99", "", Decimal("999.99")), ("1000", "", 1204), ("999.999", "ROUNDEC", 1204),
    ("1,5", "", 1209), ("1e999999", "", 1204), ("1e-999999", "", Decimal("0.00")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "parameters", "expected"), DECIMALS)
def test_decimals_are_cut_unless_they_shall_be_rounded(
    text: str, parameters: str, expected: object
) -> None:
    assert one("decimal", text, parameters, 5, 2) == expected


def test_a_decimal_of_38_digits() -> None:
    digits = "9" * 38
    assert one("decimal", digits, length=38) == Decimal(digits)


# Lengths are in bytes: é has two, € three.
TEXTS = [
    ("varchar", "abcd", "", "abcd"), ("varchar", "abcde", "", 1204),
    ("varchar", "abcde", "TRUNCATECOLUMNS", "abcd"), ("varchar", "éé", "", "éé"),
    ("varchar", "ééé", "", 1204), ("varchar", "ab€", "TRUNCATECOLUMNS", "ab"),
    ("varchar", " a ", "", " a "), ("varchar", " a ", "TRIMBLANKS", " a"),
    ("varchar", "  ", "", "  "), ("varchar", "  ", "BLANKSASNULL", None),
    ("varchar", "\\N", "", None), ("varchar", "NA", "NULL AS 'NA'", None),
    ("varchar", "\\N", "NULL AS 'NA'", "\\N"),
    ("varchar", "a\udcffb", "", 1220), ("varchar", "a\udcffb", "ACCEPTINVCHARS", "a?b"),
    ("varchar", "\udce2\udc82", "ACCEPTINVCHARS AS '^'", "^^"), ("varchar", "a\0b", "", 1220),
    ("char", "ab  ", "", "ab"), ("char", "abcd    ", "", "abcd"), ("char", "abcde", "", 1204),
    ("char", "é", "", 1220), ("char", "\udcff", "ACCEPTINVCHARS", 1220),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "parameters", "expected"), TEXTS)
def test_texts(kind: str, text: str, parameters: str, expected: object) -> None:
    assert one(kind, text, parameters, 4) == expected


TIMES = [
    ("DATEFORMAT 'MM-DD-YYYY'", "date", "12-31-2008", date(2008, 12, 31)),
    ("DATEFORMAT 'DD MON YY'", "date", "05 mar 69", date(2069, 3, 5)),
    ("DATEFORMAT 'DD MON YY'", "date", "05 MAR 70", date(1970, 3, 5)),
    ("DATEFORMAT 'DD MON YY'", "date", "05 foo 08", 1205),
    ("DATEFORMAT 'auto'", "date", "12/31/2008", date(2008, 12, 31)),
    ("DATEFORMAT 'auto'", "date", "20081231", date(2008, 12, 31)),
    ("DATEFORMAT 'auto' ACCEPTANYDATE", "date", "00/00/00", None),
    ("TIMEFORMAT 'MM/DD/YYYY HH:MI:SS'", "timestamp", "2/18/2008 02:36:48",
     datetime(2008, 2, 18, 2, 36, 48)),
    ("TIMEFORMAT 'YYYY-MM-DD HH12:MI AM'", "timestamp", "2008-02-18 12:36 pm",
     datetime(2008, 2, 18, 12, 36)),
    ("TIMEFORMAT 'YYYY-MM-DD HH12:MI AM'", "timestamp", "2008-02-18 12:36 AM",
     datetime(2008, 2, 18, 0, 36)),
    ("TIMEFORMAT 'YYYY-MM-DD HH12:MI AM'", "timestamp", "2008-02-18 13:36 AM", 1206),
    ("TIMEFORMAT 'YYYY-MM-DDTHH24:MI:SS'", "timestamp", "2008-02-18T13:36:01",
     datetime(2008, 2, 18, 13, 36, 1)),
    ("TIMEFORMAT 'auto'", "timestamp", "2008-02-18T13:36:01.5",
     datetime(2008, 2, 18, 13, 36, 1, 500_000)),
    ("TIMEFORMAT 'auto'", "timestamp", "2008-02-18", datetime(2008, 2, 18)),
    ("TIMEFORMAT 'epochsecs'", "timestamp", "1203340608", datetime(2008, 2, 18, 13, 16, 48)),
    ("TIMEFORMAT 'epochmillisecs'", "timestamp", "1203340608007",
     datetime(2008, 2, 18, 13, 16, 48, 7_000)),
    ("TIMEFORMAT 'epochsecs'", "timestamp", "999999999999999", 1206),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "kind", "text", "expected"), TIMES)
def test_times(parameters: str, kind: str, text: str, expected: object) -> None:
    assert one(kind, text, parameters) == expected


PAIR = [Column("a", "integer"), Column("b", "varchar", 20)]


def zipped(body: bytes) -> bytes:
    """Alike at any second: these bytes are part of a test's name, on which all workers agree."""
    return gzip.compress(body, mtime=0)


# Parameters, the file, rows, (line, code) of the lines that are none.
FILES = [
    ("", b"1|x\n2|y", [(1, "x"), (2, "y")], []),
    ("", b"1|x\r\n2|y\r\n", [(1, "x"), (2, "y")], []),
    ("", b"1|x|\n", [(1, "x")], []),
    ("", b"1|x|z\n2|y\n3\n", [(2, "y")], [(1, 1202), (3, 1214)]),
    ("", b"1|x\n\n2|y\n", [(1, "x"), (2, "y")], [(2, 1211)]),
    ("IGNOREBLANKLINES", b"1|x\n\n\r\n2|y\n", [(1, "x"), (2, "y")], []),
    ("FILLRECORD", b"1\n", [(1, "")], []),
    ("FILLRECORD EMPTYASNULL", b"1\n", [(1, None)], []),
    ("IGNOREHEADER 2", b"h\nh\n1|x\nq|y\n", [(1, "x")], [(4, 1207)]),
    ("IGNOREHEADER 9", b"h\nh\n", [], []),
    ("DELIMITER '|~|'", b"1|~|x|y\n", [(1, "x|y")], []),
    ("ESCAPE", b"1|x\\|y\n2|p\\\nq\n\\N|\\N\n", [(1, "x|y"), (2, "p\nq"), (None, None)], []),
    ("ESCAPE", b"1|x\\", [], [(1, 1216)]),
    ("REMOVEQUOTES", b"1|'x|y'\n'2'|\"z\"\n3|it's\n4|'open\n",
     [(1, "x|y"), (2, "z"), (3, "it's"), (4, "'open")], []),
    ("CSV", b'1,"x,""y"""\n2,"p\nq"\n3,z\n', [(1, 'x,"y"'), (2, "p\nq"), (3, "z")], []),
    ("CSV", b'1,"x"y\n2,z\n', [(2, "z")], [(1, 1216)]),
    ("CSV QUOTE '%'", b"1,%x,y%\n", [(1, "x,y")], []),
    ("CSV", b'1,"p\nq"\nr,z\n', [(1, "p\nq")], [(3, 1207)]),
    ("CSV IGNOREBLANKLINES", b"1,x\n\n2,y\n", [(1, "x"), (2, "y")], []),
    ("ENCODING UTF16", "1|é\n".encode("utf-16"), [(1, "é")], []),
    ("ENCODING ISO88591", "1|é\n".encode("latin-1"), [(1, "é")], []),
    ("GZIP", zipped(b"1|x\n") + zipped(b"2|y\n"), [(1, "x"), (2, "y")], []),
    ("BZIP2", bz2.compress(b"1|x\n"), [(1, "x")], []),
    ("ZSTD", zstandard.compress(b"1|x\n"), [(1, "x")], []),
    ("", b"", [], []),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "body", "rows", "refused"), FILES)
def test_files(parameters: str, body: bytes, rows: list, refused: list) -> None:
    found, errors = load(PAIR, body, f"MAXERROR 9 {parameters}")
    assert found == rows
    assert [(error.line_number, error.err_code) for error in errors] == refused


def test_an_error_says_where_and_what() -> None:
    columns = [Column("userid", "integer", is_required=True), Column("state", "char", 2)]
    _, errors = load(columns, b"1|WA\n2|Ohio\n|TX\n4\xff|TX\n", "MAXERROR 9")
    assert [error.values for error in errors] == [
        (URL, 2, "state", "char", "2", 2, "2|Ohio", "Ohio", 1204,
         "String length exceeds DDL length"),
        (URL, 3, "userid", "integer", "", 0, "|TX", "", 1213,
         "Missing data for not-null field"),
        (URL, 4, "userid", "integer", "", 1, "4\\xff|TX", "4\\xff", 1207,
         "Invalid digit, Value '\\xff', Pos 1, Type: Integer"),
    ]  # fmt: skip
    assert errors[0].sentence == (
        "s3://b/k, line 2, column state char(2), 'Ohio': String length exceeds DDL length (1204)"
    )


BAD = b"x|a\n" * 3

# The load fails at this many errors or more (Redshift Developer Guide, MAXERROR).
LIMITS = [("", 1), ("MAXERROR 0", 1), ("MAXERROR 1", 1), ("MAXERROR 2", 2), ("MAXERROR 3", 3),
          ("MAXERROR 4", None), ("MAXERROR 1 IGNOREALLERRORS", None)]  # fmt: skip


@pytest.mark.parametrize(("parameters", "fails_at"), LIMITS)
def test_as_many_errors_as_maxerror_stop_the_load(parameters: str, fails_at: int | None) -> None:
    if fails_at is None:
        rows, errors = load(PAIR, b"1|a\n" + BAD, parameters)
        assert (len(rows), len(errors)) == (1, 3)
        return
    with pytest.raises(CopyFailed, match=rf"{fails_at} error\(s\), and MAXERROR"):
        load(PAIR, b"1|a\n" + BAD, parameters)


def test_a_wrong_delimiter_is_told_the_likely_one() -> None:
    with pytest.raises(CopyFailed, match="Delimiter not found") as caught:
        load(PAIR, b"1,x\n")
    assert caught.value.remedy == "the line has 1 times ',': DELIMITER ','?"


@pytest.mark.parametrize(
    ("parameters", "body"),
    [("GZIP", b"1|x\n"), ("GZIP", zipped(b"1|x\n" * 99)[:-9]), ("BZIP2", b"1|x\n"),
     ("ZSTD", b"1|x\n"), ("ENCODING UTF16", b"1|x")],
)  # fmt: skip
def test_a_file_that_is_not_what_the_parameters_say(parameters: str, body: bytes) -> None:
    with pytest.raises(ConfigError, match=URL):
        load(PAIR, body, parameters)
