"""One input, and two ways to compile a text over it: to its plan, or to all of its errors.

In a text that is to be refused, « and » enclose what each error has to point at; with nothing in
between they mark a place. The places are counted without the code under test.
"""

from collections.abc import Callable

import pytest

from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application, Pump, SourceColumn
from analytics_sql.types import BIGINT, BOOLEAN, DOUBLE, INTEGER, SMALLINT, TIMESTAMP, Kind, SqlType
from fleet.errors import SqlErrors

SCHEMA = InputSchema(
    tuple(
        SourceColumn(name, type_, (name,))
        for name, type_ in {
            "Name": SqlType(Kind.VARCHAR, 16),
            "StatusTime": TIMESTAMP,
            "Distance": DOUBLE,
            "MagicPoints": SMALLINT,
            "TINY": SqlType(Kind.TINYINT),
            "TOTAL": INTEGER,
            "BIG": BIGINT,
            "OK": BOOLEAN,
        }.items()
    )
)

Compile = Callable[[str], Application]
CompilePump = Callable[..., Pump]
Refuse = Callable[..., None]


@pytest.fixture
def compiled() -> Compile:
    """Compiles a whole text."""
    return lambda text: compile_application(text, name="test", schema=SCHEMA)


@pytest.fixture
def pump(compiled: Compile) -> CompilePump:
    """Compiles one query, inserted into a stream of these columns; gives the pump."""

    def compile_pump(query: str, columns: str = "A DOUBLE") -> Pump:
        (only,) = compiled(
            f"CREATE STREAM OUT_ ({columns}); CREATE PUMP P AS INSERT INTO OUT_ {query}"
        ).pumps
        return only

    return compile_pump


@pytest.fixture
def refused(compiled: Compile) -> Refuse:
    """Compiles a marked text, and asserts that its errors are at the marks and nowhere else, each
    with a message that contains the fragment of the same number. "message | remedy" asks for a
    fragment of the remedy too.
    """

    def assert_refused(marked: str, *fragments: str) -> None:
        text, places = _unmarked(marked)
        with pytest.raises(SqlErrors) as caught:
            compiled(text)
        errors = caught.value.errors
        found = [(e.line, e.column, e.length) for e in errors]
        assert found == places, caught.value.render()
        assert len(errors) == len(fragments), caught.value.render()
        for error, fragment in zip(errors, fragments, strict=True):
            message, _, remedy = fragment.partition(" | ")
            assert message in str(error)
            assert remedy in (error.remedy or "")
            assert error.snippet == text.split("\n")[error.line - 1]

    return assert_refused


@pytest.fixture
def refused_query(refused: Refuse) -> Refuse:
    """As `refused`, for one query."""

    def assert_query_refused(query: str, *fragments: str, columns: str = "A DOUBLE") -> None:
        refused(
            f"CREATE STREAM OUT_ ({columns});\nCREATE PUMP P AS INSERT INTO OUT_\n{query}",
            *fragments,
        )

    return assert_query_refused


def _unmarked(marked: str) -> tuple[str, list[tuple[int, int, int]]]:
    places: list[tuple[int, int, int]] = []
    open_marks: list[tuple[int, int]] = []
    line = column = 1
    text = ""
    for character in marked:
        if character == "«":
            open_marks.append((line, column))
        elif character == "»":
            start_line, start_column = open_marks.pop()
            places.append((start_line, start_column, max(1, column - start_column)))
        else:
            text += character
            line, column = (line + 1, 1) if character == "\n" else (line, column + 1)
    return text, sorted(places)
