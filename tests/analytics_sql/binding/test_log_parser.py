"""Records of log parsers: what is refused, and where."""

from collections.abc import Callable

import pytest

from analytics_sql.plan import Pump

CompilePump = Callable[..., Pump]
Refuse = Callable[..., None]

SOURCE = '"SOURCE_SQL_STREAM_001"'


@pytest.mark.parametrize(
    ("call", "fragment"),
    [
        ('«REGEX_LOG_PARSE»("Name")', "takes 2 to 3 arguments | write REGEX_LOG_PARSE(line, "),
        ("REGEX_LOG_PARSE(\"Name\", «'a'»)", "has no group in parentheses"),
        ("REGEX_LOG_PARSE(\"Name\", «'(a'»)", "is no regular expression"),
        ("REGEX_LOG_PARSE(\"Name\", «'((a+)+)(?=b)'»)", "it can take for ever"),
        ("REGEX_LOG_PARSE(\"Name\", «'((?:a|b*)*)(?!c)'»)", "repeat one of the two"),
        ("REGEX_LOG_PARSE(\"Name\", '(a)(b)', «'x TYPE INTEGER'»)", "has 2 groups, 1 columns"),
        ("REGEX_LOG_PARSE(\"Name\", '(a)', «'x TYPE NUMBER'»)", "NUMBER"),
        (
            "REGEX_LOG_PARSE(\"Name\", '(a)', «'1x'»)",
            "'1x' does not describe a column | write 'name",
        ),
        (
            "REGEX_LOG_PARSE(\"Name\", '(a)(b)', «'x INTEGER, X INTEGER'»)",
            "two columns are called X",
        ),
        ("REGEX_LOG_PARSE(«BIG», '(a)')", "takes a text, this is BIGINT"),
        ("REGEX_LOG_PARSE(«nothing», '(a)')", "there is no column NOTHING"),
        ('REGEX_LOG_PARSE("Name", «"Name"»)', "the regular expression is a text in single quotes"),
        ("FAST_REGEX_LOG_PARSER(\"Name\", «'(a)|(b)'»)", "outside of a group, which is not"),
        ("W3C_LOG_PARSE(\"Name\", «'ISS'»)", "is no format of a log: write one of COMMON"),
        (
            "VARIABLE_COLUMN_LOG_PARSE(\"Name\", «0», ',')",
            "the number of columns is a whole number",
        ),
        ("VARIABLE_COLUMN_LOG_PARSE(\"Name\", 2, «''»)", "the delimiter is empty"),
        ("VARIABLE_COLUMN_LOG_PARSE(\"Name\", 2, ',', '\\', «'abc'»)", "one or two characters"),
        ("FIXED_COLUMN_LOG_PARSE(\"Name\", «'x TYPE INTEGER'»)", "does not say where it starts"),
        (
            "FIXED_COLUMN_LOG_PARSE(\"Name\", «'x TYPE INTEGER ''yyyy'' START 0'»)",
            "a pattern goes with TIMESTAMP, DATE and TIME, not with INTEGER",
        ),
        ("FIXED_COLUMN_LOG_PARSE(\"Name\", «'x DATE ''qq'' START 0'»)", "q"),
        ('FAST_REGEX_LOG_PARSER("Name", «\'(.*)"x"\'»)', 'write \\" for the character'),
        ("FAST_REGEX_LOG_PARSER(\"Name\", «'(a)*b'»)", "nothing is repeated but characters"),
        ("FAST_REGEX_LOG_PARSER(\"Name\", «'(a'»)", "has a ( without its )"),
        ("FAST_REGEX_LOG_PARSER(\"Name\", «'(a))'»)", "has a ) without its ("),
        ("FAST_REGEX_LOG_PARSER(\"Name\", «'a'»)", "has no group in parentheses"),
        ("FAST_REGEX_LOG_PARSER(\"Name\", «'(<Nothing>)'»)", "is not supported in a regular"),
        ('«SYS_LOG_PARSE»("Name", 1)', "takes 1 argument | write SYS_LOG_PARSE(line)"),
    ],
)
def test_refused(refused_query: Refuse, call: str, fragment: str) -> None:
    refused_query(f"SELECT 1 FROM (SELECT {call} AS r FROM {SOURCE}) AS t", fragment)


def test_a_record_is_no_operand(refused_query: Refuse) -> None:
    refused_query(
        f"SELECT 1 FROM {SOURCE} WHERE «W3C_LOG_PARSE»(\"Name\", 'COMMON') IS NULL",
        "W3C_LOG_PARSE makes a record | FROM (SELECT STREAM W3C_LOG_PARSE(...) AS R",
    )


def test_a_column_that_a_record_has_not(refused_query: Refuse) -> None:
    query = f"(SELECT REGEX_LOG_PARSE(\"Name\", '(a)') AS r FROM {SOURCE}) AS t"
    refused_query(
        f"SELECT «t.r.COLUMN2» FROM {query}", 'the record has no such column | it has "R.COLUMN1"'
    )


@pytest.mark.parametrize(
    ("columns", "fragment"),
    [
        ("«a», b", "this query has 1 columns, 2 are named | name all of them, or none"),
    ],
)
def test_names_for_columns(refused_query: Refuse, columns: str, fragment: str) -> None:
    query = f'(SELECT SYS_LOG_PARSE("Name") FROM {SOURCE}) AS l({columns})'
    refused_query(f"SELECT 1 FROM {query}", fragment)


def test_names_for_the_columns_of_a_stream(refused_query: Refuse) -> None:
    refused_query(f"SELECT 1 FROM {SOURCE} AS s(«a»)", "have their names already")


def test_names_for_the_columns_of_a_query(pump: CompilePump) -> None:
    query = f'(SELECT BIG, SYS_LOG_PARSE("Name"), OK FROM {SOURCE}) AS l(a, r, b)'
    outputs = pump(f"SELECT a, l.r.COLUMN2, b FROM {query}", "A BIGINT, B VARCHAR(9), C BOOLEAN")
    assert [output.name for output in outputs.query.outputs] == ["A", "COLUMN2", "B"]
