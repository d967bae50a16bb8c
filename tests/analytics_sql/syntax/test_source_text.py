"""Offsets to lines and columns, and the order of errors."""

import pytest

from analytics_sql.syntax.source_text import Advice, Faults, SourceText, Span, shown
from fleet.errors import SqlErrors

TEXT = "ab\ncd\r\n\n  é\tf"


@pytest.mark.parametrize(
    ("offset", "position"),
    [
        (0, (1, 1)),
        (1, (1, 2)),
        (2, (1, 3)),  # the line feed belongs to its line
        (3, (2, 1)),
        (7, (3, 1)),
        (8, (4, 1)),
        (10, (4, 3)),
        (13, (4, 6)),  # the end of the text
    ],
)
def test_position(offset: int, position: tuple[int, int]) -> None:
    assert SourceText(TEXT).position(offset) == position


def test_a_line_has_no_end() -> None:
    source = SourceText(TEXT)
    assert [source.line(n) for n in (1, 2, 3, 4)] == ["ab", "cd", "", "  é\tf"]


def test_the_caret_stays_on_the_first_line_and_is_never_empty() -> None:
    source = SourceText(TEXT)
    over_two_lines = source.error(Span(1, 5), Advice("x"))
    assert (over_two_lines.line, over_two_lines.column, over_two_lines.length) == (1, 2, 1)
    at_the_end = source.error(Span(13, 14), Advice("x"))
    assert (at_the_end.line, at_the_end.column, at_the_end.length) == (4, 6, 1)
    assert source.error(Span(0, 0), Advice("x")).length == 1


def test_errors_come_in_the_order_of_the_text_each_once() -> None:
    faults = Faults(SourceText(TEXT))
    faults.add(Span(3, 4), "second", "fix")
    faults.add(Span(0, 1), "first")
    faults.add(Span(3, 4), "second", "fix")
    with pytest.raises(SqlErrors) as caught:
        faults.raise_any("app.sql")
    assert caught.value.name == "app.sql"
    assert [(str(e), e.line, e.column, e.remedy) for e in caught.value.errors] == [
        ("first", 1, 1, None),
        ("second", 2, 1, "fix"),
    ]


def test_no_errors_raise_nothing() -> None:
    Faults(SourceText(TEXT)).raise_any("app.sql")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("abc", "abc"), ("x" * 50, "x" * 40 + "..."), ("a\x1b[31m\nb", r"a\x1b[31m\nb")],
)
def test_shown(text: str, expected: str) -> None:
    assert shown(text) == expected
