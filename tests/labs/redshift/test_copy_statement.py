"""COPY as Redshift writes it: what it says, and where it is wrong."""

from dataclasses import replace

import pytest

from fleet.errors import ConfigError, SqlErrors
from labs.redshift.copy_parameters import ELSEWHERE, TAKEN, WITHOUT_EFFECT, CopyParameters
from labs.redshift.copy_statement import CopyStatement, parse_copy
from labs.redshift.script import Script


def read(text: str) -> CopyStatement:
    return parse_copy(Script(text, "lab.sql").statements[0])


DEFAULTS = CopyParameters()

PARAMETERS = [
    ("", DEFAULTS),
    ("DELIMITER '\\t'", replace(DEFAULTS, delimiter="\t")),
    ("delimiter as ','", replace(DEFAULTS, delimiter=",")),
    ("DELIMITER '\\174'", DEFAULTS),
    ("DELIMITER '|~|'", replace(DEFAULTS, delimiter="|~|")),
    ("CSV", replace(DEFAULTS, quote='"', delimiter=",")),
    ("FORMAT AS CSV QUOTE AS '%' DELIMITER ';'", replace(DEFAULTS, quote="%", delimiter=";")),
    ("NULL AS '\\N'", DEFAULTS),
    ("NULL 'it''s'", replace(DEFAULTS, null_text="it's")),
    ("GZIP IGNOREHEADER 1", replace(DEFAULTS, compression="GZIP", header_lines=1)),
    ("IGNOREHEADER AS 2", replace(DEFAULTS, header_lines=2)),
    ("MAXERROR AS 250", replace(DEFAULTS, error_max=250)),
    ("ENCODING UTF16", replace(DEFAULTS, encoding="utf-16")),
    ("ENCODING AS 'iso88591'", replace(DEFAULTS, encoding="iso-8859-1")),
    ("DATEFORMAT 'MM-DD-YYYY'", replace(DEFAULTS, date_format="MM-DD-YYYY")),
    ("TIMEFORMAT AS 'epochmillisecs'", replace(DEFAULTS, time_format="epochmillisecs")),
    ("ACCEPTINVCHARS", replace(DEFAULTS, replacement="?")),
    ("ACCEPTINVCHARS AS '^' BLANKSASNULL", replace(
        DEFAULTS, replacement="^", blanks_are_null=True)),
    ("EMPTYASNULL TRUNCATECOLUMNS ROUNDEC", replace(
        DEFAULTS, empty_is_null=True, truncates=True, rounds_decimals=True)),
    ("ESCAPE REMOVEQUOTES FILLRECORD", replace(
        DEFAULTS, escapes=True, removes_quotes=True, fills_record=True)),
    ("IGNOREBLANKLINES TRIMBLANKS NOLOAD", replace(
        DEFAULTS, ignores_blank_lines=True, trims_blanks=True, loads_nothing=True)),
    ("ACCEPTANYDATE IGNOREALLERRORS", replace(
        DEFAULTS, takes_any_date=True, ignores_errors=True)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "parameters"), PARAMETERS)
def test_parameters(text: str, parameters: CopyParameters) -> None:
    assert read(f"COPY users FROM 's3://b/k' {text};").parameters == parameters


def test_table_columns_and_address() -> None:
    copy = read("copy \"Public\".users (UserId, username) from 's3://data/tickit/all'")
    assert (copy.table, copy.columns) == ("public.users", ("userid", "username"))
    assert (copy.bucket, copy.prefix, copy.url) == ("data", "tickit/all", "s3://data/tickit/all")


ROLES = [
    "IAM_ROLE 'arn:aws:iam::123456789012:role/r'",
    "IAM_ROLE default",
    "CREDENTIALS 'aws_iam_role=arn:aws:iam::123456789012:role/r'",
    "WITH CREDENTIALS AS 'aws_access_key_id=AKIDKEY;aws_secret_access_key=SECRETKEY'",
    "ACCESS_KEY_ID 'AKIDKEY' SECRET_ACCESS_KEY 'SECRETKEY' SESSION_TOKEN 'SECRETKEY'",
    "IAM_ROLE default REGION AS 'us-west-2' COMPUPDATE OFF STATUPDATE ON COMPROWS 10",
    "IAM_ROLE default COMPUPDATE PRESET",
    "IAM_ROLE default COMPUPDATE STATUPDATE",
]


@pytest.mark.parametrize("role", ROLES)
def test_roles_and_regions_are_taken_with_a_word_and_no_secret_is_repeated(role: str) -> None:
    copy = read(f"COPY users FROM 's3://b/k' {role} DELIMITER ',' MAXERROR 3")
    assert copy.parameters == replace(DEFAULTS, delimiter=",", error_max=3)
    assert copy.without_effect
    assert "KEY;" not in (words := " ".join(copy.without_effect))
    assert "AKIDKEY" not in words
    assert "SECRETKEY" not in words


# Text -> line, column and a piece of the message. Counted by hand.
WRONG = [
    ("COPY users FROM 's3://b/k' DELIMTER '|'", 1, 28, "no parameter DELIMTER"),
    ("COPY users\nFROM 's3://b/k'\n  MAXERROR 'many'", 3, 3, "MAXERROR needs a number"),
    ("COPY users FROM 's3://b/k' MAXERROR 100001", 1, 37, "up to 100000"),
    ("COPY users FROM 's3://b/k' IGNOREHEADER 1.5", 1, 41, "whole number"),
    ("COPY users FROM 's3://b/k' DELIMITER", 1, 28, "DELIMITER needs a text"),
    ("COPY users FROM 's3://b/k' DELIMITER ''", 1, 28, "DELIMITER takes ASCII"),
    ("COPY users FROM 's3://b/k' DELIMITER 'é'", 1, 28, "DELIMITER takes ASCII"),
    ("COPY users FROM 's3://b/k' CSV DELIMITER '||'", 1, 32, "with CSV it is one character"),
    ("COPY users FROM 's3://b/k' QUOTE '%'", 1, 28, "QUOTE goes with CSV"),
    ("COPY users FROM 's3://b/k' CSV ESCAPE", 1, 32, "ESCAPE does not go with CSV"),
    ("COPY users FROM 's3://b/k' GZIP ZSTD", 1, 33, "exclude each other"),
    ("COPY users FROM 's3://b/k' GZIP\nGZIP", 2, 1, "given twice"),
    ("COPY users FROM 's3://b/k' JSON 'auto'", 1, 28, "JSON is Redshift's"),
    ("COPY users FROM 's3://b/k' FORMAT AS PARQUET", 1, 38, "PARQUET is Redshift's"),
    ("COPY users FROM 's3://b/k' ENCODING LATIN9", 1, 28, "no encoding LATIN9"),
    ("COPY users FROM 's3://b/k' DATEFORMAT 'yyyy-mm-dd'", 1, 28, "yyyy means nothing"),
    ("COPY users FROM 's3://b/k' DATEFORMAT 'epochsecs'", 1, 28, "DATEFORMAT"),
    ("COPY users FROM 's3://b/k' TIMEFORMAT 'HH:MI'", 1, 28, "one year and one month"),
    ("COPY users FROM 's3://b/k' ACCEPTINVCHARS '??'", 1, 28, "one ASCII character"),
    ("COPY users FROM '/tmp/users.txt'", 1, 17, "address on S3"),
    ("COPY users FROM 's3://bucket'", 1, 17, "address on S3"),
    ("COPY users 's3://b/k'", 1, 12, "FROM is expected"),
    ("COPY users", 1, 6, "FROM is expected"),
    ("COPY FROM 's3://b/k'", 1, 6, "table to load"),
    ("COPY users (a b) FROM 's3://b/k'", 1, 15, "does not end"),
    ("COPY users FROM 's3://b/k' '|'", 1, 28, "no parameter '|'"),
    ("COPY users FROM 's3://b/k' DELIMITER '|'\nSELECT 1", 2, 1, "no parameter SELECT"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "message"), WRONG)
def test_what_is_wrong_has_a_place(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(SqlErrors) as caught:
        read(text)
    [error] = caught.value.errors
    assert (error.line, error.column) == (line, column)
    assert message in str(error)
    assert error.snippet == text.split("\n")[line - 1]


def test_a_slip_of_the_pen_is_told_what_was_meant() -> None:
    with pytest.raises(SqlErrors) as caught:
        read("COPY users FROM 's3://b/k' IGNOREHEADERS 1")
    assert caught.value.errors[0].remedy == "is it IGNOREHEADER?"


def test_each_parameter_is_one_thing() -> None:
    assert not set(TAKEN) & set(WITHOUT_EFFECT)
    assert not (set(TAKEN) | set(WITHOUT_EFFECT)) & ELSEWHERE


@pytest.mark.parametrize("text", ["", " ;; ", "-- nothing"])
def test_a_script_without_a_statement(text: str) -> None:
    with pytest.raises(ConfigError, match="has no statement"):
        Script(text, "lab.sql")


def test_a_quote_that_does_not_end() -> None:
    with pytest.raises(ConfigError, match=r"lab\.sql cannot be read"):
        Script("SELECT 'x", "lab.sql")
