"""No text gives a traceback: it compiles, or it is refused with its places."""

import re

import pytest
from hypothesis import example, given, settings, strategies as st

from analytics_sql.application_file import TEXT, WORKSHOP, WORKSHOP_SCHEMA
from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from fleet.errors import SqlErrors

SCHEMA = InputSchema.read(WORKSHOP_SCHEMA)
_WORDS = """
    ; , ( ) . * + - / = <> != < <= > >= ||
    CREATE OR REPLACE STREAM PUMP FUNCTION STARTED STOPPED DESCRIPTION AS INSERT INTO SELECT ALL
    DISTINCT FROM WHERE GROUP BY HAVING WINDOW ORDER LIMIT OFFSET FETCH FIRST ROWS ONLY UNION
    INTERSECT EXCEPT JOIN INNER LEFT RIGHT FULL OUTER CROSS NATURAL ON USING AND NOT IS NULL TRUE
    FALSE IN BETWEEN SYMMETRIC LIKE ESCAPE SIMILAR TO EXISTS CASE WHEN THEN ELSE END OVER PARTITION
    RANGE PRECEDING FOLLOWING UNBOUNDED CURRENT ROW INTERVAL VALUES WITH WINDOWED STAGGER DAY HOUR
    MINUTE SECOND MONTH TIMESTAMP DATE TIME STEP FLOOR CEIL SUM MIN MAX COUNT AVG CAST EXTRACT
    TABLE CURSOR TUMBLE MATCH_RECOGNIZE ROW_NUMBER WITHIN IGNORE RESPECT NULLS FILTER AT ZONE
    COLLATE PER START CONNECT PRIOR TABLESAMPLE LATERAL UNNEST FOR ANY SOME RECURSIVE
    LAG NTH_VALUE FIRST_VALUE EXP_AVG MONOTONIC COALESCE SUBSTRING RETURNS RETURN LANGUAGE SQL
    SHARD_ID APPROXIMATE_ARRIVAL_TIME F G w
    INTEGER VARCHAR DOUBLE ROWTIME A D P s t x "Name" "Distance" "ROWTIME"
    "SOURCE_SQL_STREAM_001" 'x' '10' '' 0 1 10 1.5 .5 1e9 1e999 99999999999999999999
"""
WORDS = [*_WORDS.split(), "'1970-01-01 00:00:00'", "\n", "GROUP BY", "ORDER BY", "PARTITION BY"]
NOISE = [
    *("'", '"', "[", "]", "{", "}", "$", "@", "%", "!", "?", ":", "\\", "`", "~", "^", "&", "|"),
    *(
        "#",
        "--",
        "//",
        "/*",
        "*/",
        "é",
        "ſ",
        "\ud800",
        "\x00",
        "\x1b",
        "\ufeff",
        "\r",
        "\u2028",
        "",
    ),
]
WORD = re.compile(r"'[^']*'|\"[^\"]*\"|\w+|\S")
VALID = [
    (WORKSHOP / TEXT).read_text(),
    """
    CREATE STREAM A (X INTEGER, Y DOUBLE); CREATE STREAM "b" (N BIGINT, W TIMESTAMP);
    CREATE PUMP P AS INSERT INTO A (Y, X) SELECT STREAM s."Distance" * 2 - 1.5E0, 7
    FROM "SOURCE_SQL_STREAM_001" AS s WHERE (s."Name" IN ('a', 'b') OR "MagicPoints" BETWEEN 1 AND
    3) AND NOT "StatusTime" < TIMESTAMP '2026-01-01 00:00:00' AND "Name" IS NOT NULL;
    CREATE PUMP "q" STARTED AS INSERT INTO "b" SELECT COUNT(*), STEP(ROWTIME BY INTERVAL '1:30'
    MINUTE TO SECOND) FROM A GROUP BY X, STEP(A.ROWTIME BY INTERVAL '90' SECOND);
    """,
    """
    CREATE STREAM A (X BIGINT); CREATE PUMP P AS INSERT INTO A SELECT SUM("MagicPoints") FROM
    "SOURCE_SQL_STREAM_001" AS s GROUP BY
    FLOOR((s.ROWTIME - TIMESTAMP '1970-01-01 00:00:00') SECOND / 10 TO SECOND);
    """,
    """
    CREATE STREAM A (X DOUBLE, Y BIGINT, Z DOUBLE NOT NULL);
    CREATE FUNCTION F (V DOUBLE, W INTEGER) RETURNS DOUBLE LANGUAGE SQL CONTAINS SQL
    RETURNS NULL ON NULL INPUT RETURN V * W + 1E0;
    CREATE PUMP P AS INSERT INTO A SELECT STREAM AVG(F("Distance", 2)) OVER w,
    LAG("MagicPoints", 2, 0) IGNORE NULLS OVER (PARTITION BY "Name" ROWS BETWEEN 5 PRECEDING AND
    CURRENT ROW), NTH_VALUE("Distance", 2) FROM LAST OVER (w ROWS 3 PRECEDING)
    FROM "SOURCE_SQL_STREAM_001" AS s WINDOW w AS (PARTITION BY "Name" RANGE INTERVAL '1' MINUTE
    PRECEDING);
    """,
    """
    CREATE STREAM A (T TIMESTAMP, N VARCHAR(16), C BIGINT); CREATE STREAM B (T TIMESTAMP, N
    VARCHAR(16));
    CREATE PUMP P AS INSERT INTO A SELECT MIN(s.ROWTIME) AS ROWTIME, FLOOR("StatusTime" TO MINUTE),
    UPPER("Name"), SUM(CASE WHEN "MagicPoints" > 5 THEN 1 ELSE 0 END) / COUNT(*) FROM
    "SOURCE_SQL_STREAM_001" AS s GROUP BY UPPER("Name"), FLOOR("StatusTime" TO MINUTE),
    FLOOR((s.ROWTIME + INTERVAL '9' HOUR) TO DAY) HAVING COUNT(*) > 1 OR MAX("Distance") < 1;
    CREATE PUMP Q AS INSERT INTO B SELECT DISTINCT ROWTIME, N FROM A;
    CREATE PUMP R AS INSERT INTO B SELECT T, MAX(N) FROM A GROUP BY MONOTONIC(T);
    """,
]


def _compiles_or_is_refused(text: str) -> None:
    try:
        compile_application(text, name="fuzz", schema=SCHEMA)
    except SqlErrors as refusal:
        lines = text.split("\n")
        for error in refusal.errors:
            assert str(error)
            assert 1 <= error.line <= len(lines)
            assert error.snippet == lines[error.line - 1].removesuffix("\r")
            assert 1 <= error.column <= len(lines[error.line - 1]) + 1
            assert error.length >= 1
        places = [(error.line, error.column) for error in refusal.errors]
        assert places == sorted(places)


@pytest.mark.parametrize("text", VALID)
def test_what_is_mutated_is_valid(text: str) -> None:
    compile_application(text, name="valid", schema=SCHEMA)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
def test_any_soup_of_words(text: str) -> None:
    _compiles_or_is_refused(text)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join))
def test_any_soup_of_words_in_a_query(text: str) -> None:
    head = "CREATE STREAM D (A DOUBLE); CREATE PUMP P AS INSERT INTO D SELECT"
    _compiles_or_is_refused(f'{head} {text} FROM "SOURCE_SQL_STREAM_001" AS s {text}')


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(st.text(max_size=200))
@example("\ud800")
@example('CREATE STREAM "\ud800" (x INTEGER)')
def test_any_text(text: str) -> None:
    _compiles_or_is_refused(text)


@settings(max_examples=400, derandomize=True, deadline=None, database=None)
@given(
    st.sampled_from(VALID),
    st.lists(
        st.tuples(
            st.floats(0, 1, exclude_max=True),
            st.integers(0, 2),
            st.sampled_from([*WORDS, *WORDS, *NOISE]),
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_any_mutation_of_a_valid_text(text: str, edits: list[tuple[float, int, str]]) -> None:
    words = WORD.findall(text)
    for place, removed, inserted in edits:
        at = int(place * len(words))
        words[at : at + removed] = [inserted]
    _compiles_or_is_refused(" ".join(words))


@pytest.mark.parametrize("text", VALID)
def test_every_prefix_of_a_valid_text(text: str) -> None:
    for end in range(0, len(text), 3):
        _compiles_or_is_refused(text[:end])


@pytest.mark.parametrize(
    "text",
    [
        ";" * 50_000,
        "(" * 50_000,
        "'" * 50_001,
        '"' * 50_001,
        "/*" * 25_000,
        "CREATE " * 5_000,
        "a " * 50_000,
        "a." * 20_000,
        "1" * 50_000,
        "CREATE PUMP p AS INSERT INTO d " + "SELECT " * 5_000,
        "CREATE PUMP p AS INSERT INTO d SELECT 1 FROM a " + "UNION ALL SELECT 1 FROM a " * 2_000,
        "CREATE PUMP p AS INSERT INTO d SELECT 1 FROM " + "(SELECT 1 FROM " * 31,
        "CREATE PUMP p AS INSERT INTO d SELECT 1 FROM a WHERE " + "NOT " * 10_000,
        "CREATE PUMP p AS INSERT INTO d SELECT 1 FROM a WHERE " + "1 = " * 10_000 + "1",
        "CREATE PUMP p AS INSERT INTO d SELECT 1 FROM a WHERE " + "CASE WHEN " * 5_000,
        "CREATE PUMP p AS INSERT INTO d SELECT " + "INTERVAL " * 10_000,
        "CREATE PUMP p AS INSERT INTO d FROM t INSERT SELECT 1 FROM a GROUP BY x",
        "CREATE FUNCTION f0 (x DOUBLE) RETURNS DOUBLE RETURN x;"
        + "".join(
            f"CREATE FUNCTION f{i} (x DOUBLE) RETURNS DOUBLE RETURN f{i - 1}(x) + f{i - 1}(x);"
            for i in range(1, 300)
        ),
        'CREATE STREAM d (x DOUBLE); CREATE PUMP p AS INSERT INTO d SELECT SUM("Distance") OVER w0 '
        'FROM "SOURCE_SQL_STREAM_001" WINDOW '
        + ", ".join(f"w{i} AS (w{i + 1})" for i in range(1_000)),
        "CREATE PUMP p AS INSERT INTO d SELECT 1 FROM a GROUP BY " + "MONOTONIC(" * 10_000,
    ],
    ids=lambda text: text[-12:],
)
def test_monsters(text: str) -> None:
    with pytest.raises(SqlErrors):
        compile_application(text, name="fuzz", schema=SCHEMA)
