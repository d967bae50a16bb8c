"""Expressions with words put in, taken out and cut off: a text compiles, or says where it does not.

Everything is written in one select list, so that a word lands in a grammar of its own: CAST, TRIM,
EXTRACT, OVERLAY, CASE, intervals, escapes.
"""

import re

from hypothesis import given, settings, strategies as st

from analytics_sql.column_type import column_type
from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import SourceColumn
from fleet.errors import SqlErrors

COLUMNS = {
    "N": "INTEGER",
    "D": "DECIMAL(10,2)",
    "S": "VARCHAR(9)",
    "T": "TIMESTAMP",
    "OK": "BOOLEAN",
}
SCHEMA = InputSchema(
    tuple(SourceColumn(name, column_type(type), (name,)) for name, type in COLUMNS.items())
)
VALID = """
    CAST(N AS DECIMAL(10, 2)) ~ CAST((T - TIMESTAMP '1970-01-01 00:00:00') SECOND AS BIGINT)
    ~ CAST('1 2' AS INTERVAL DAY TO HOUR) ~ EXTRACT(YEAR FROM T) ~ TRIM(BOTH 'x' FROM S)
    ~ TRIM(LEADING FROM S) ~ SUBSTRING(S FROM 2 FOR 3) ~ SUBSTRING(S, 2, 3) ~ POSITION('a' IN S)
    ~ OVERLAY(S PLACING 'x' FROM 1 FOR 2) ~ CASE WHEN N > 1 THEN 'a' ELSE S END
    ~ CASE N WHEN 1 THEN 2 END ~ COALESCE(S, 'x') ~ NULLIF(N, 1) ~ S || 'a' || S ~ -N / 2 + D * 1.5
    ~ S LIKE 'a!%%' ESCAPE '!' ~ S NOT SIMILAR TO '(a|b)+' ~ OK IS NOT TRUE ~ N IS DISTINCT FROM 1
    ~ N BETWEEN SYMMETRIC 3 AND 1 ~ FLOOR(T TO HOUR) ~ STEP(T BY INTERVAL '1:30' MINUTE TO SECOND)
    ~ T + INTERVAL '1' DAY * 2 ~ CHAR_TO_TIMESTAMP('yyyy-MM-dd', S) ~ CURRENT_TIMESTAMP
    ~ REGEX_REPLACE(S, '[a-c]+', '$0', 1, 0) ~ DATE '2024-02-29' ~ TIME '12:00:00' ~ N IN (1, NULL)
"""
TEXTS = [" ".join(text.split()) for text in VALID.split(" ~ ")]
WORDS = [
    *(
        "CAST",
        "AS",
        "EXTRACT",
        "FROM",
        "FOR",
        "TRIM",
        "BOTH",
        "IN",
        "PLACING",
        "CASE",
        "WHEN",
        "THEN",
    ),
    *(
        "ELSE",
        "END",
        "IS",
        "NOT",
        "TRUE",
        "UNKNOWN",
        "DISTINCT",
        "LIKE",
        "ESCAPE",
        "SIMILAR TO",
        "TO",
    ),
    *("BY", "INTERVAL", "SECOND", "DAY", "MONTH", "BETWEEN", "AND", "SYMMETRIC", "NULL", "DECIMAL"),
    *(
        "(",
        ")",
        ",",
        "||",
        "-",
        "/",
        "'x'",
        "''",
        "'!'",
        "1",
        "2.5",
        "1E400",
        "N",
        "S",
        "T",
        "D",
        "OK",
    ),
    *("DATE", "TIME", "TIMESTAMP", "'2024-02-30'", "FLOOR", "STEP", "POSITION", "SUBSTRING", "'('"),
]
WORD = re.compile(r"'[^']*'|\w+|\|\||\S")


def check(text: str) -> None:
    head = "CREATE STREAM O (A VARCHAR(9)); CREATE PUMP P AS INSERT INTO O SELECT STREAM"
    try:
        compile_application(f"{head} {text} FROM SOURCE_SQL_STREAM_001", name="f", schema=SCHEMA)
    except SqlErrors as refusal:
        places = [(error.line, error.column) for error in refusal.errors]
    else:
        places = [(1, 1)]
    assert places == sorted(places)
    assert all(column >= 1 for _, column in places)


def test_every_prefix() -> None:
    for text in TEXTS:
        words = WORD.findall(text)
        for end in range(len(words) + 1):
            check(" ".join(words[:end]))


@settings(max_examples=400, derandomize=True, deadline=None, database=None)
@given(
    st.sampled_from(TEXTS),
    st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 2), st.sampled_from(WORDS)),
        min_size=1,
        max_size=4,
    ),
)
def test_any_mutation(text: str, edits: list[tuple[float, int, str]]) -> None:
    words = WORD.findall(text)
    for place, removed, inserted in edits:
        at = int(place * len(words))
        words[at : at + removed] = [inserted]
    check(" ".join(words))


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
def test_any_soup(text: str) -> None:
    check(text)
