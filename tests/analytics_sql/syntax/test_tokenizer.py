"""What is wrong before any grammar is needed."""

from collections.abc import Callable

import pytest

from analytics_sql.syntax.source_text import Faults, SourceText
from analytics_sql.syntax.tokenizer import TOKENS_MAX, tokenize

Refuse = Callable[..., None]


def _words(text: str) -> list[str]:
    faults = Faults(SourceText(text))
    words = [token.text for token in tokenize(text, faults)]
    assert not faults
    return words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a -- b\nc // d\n e /* f\n g */ h", ["a", "c", "e", "h"]),
        ("/* /* */ a", ["a"]),  # comments do not nest
        ("'it''s' \"q\"\"r\"", ["it's", 'q"r']),
        ("'-- no /* comment'", ["-- no /* comment"]),
        ("-- it's \"open\n a", ["a"]),
        ("group\n  by", ["GROUP BY"]),
        ("a<=b<>c!=d||e", ["a", "<=", "b", "<>", "c", "!=", "d", "||", "e"]),
        ("1.5e-3", ["1.5e-3"]),
        (r"u&'\0009it''s' U&'\+01F984\\'", ["\tit's", "\U0001f984\\"]),
    ],
)
def test_tokens(text: str, words: list[str]) -> None:
    assert _words(text) == words


@pytest.mark.parametrize(
    ("marked", "fragment"),
    [
        ("SELECT «'»abc", "this quote is never closed | ''"),
        ("SELECT 'a', «'»b''", "this quote is never closed"),
        ('SELECT\n  «"»abc', "this quote is never closed"),
        ("CREATE «/*» STREAM", "this comment is never closed | */"),
        ("CREATE STREAM «a$b» (x INTEGER)", "a$b cannot stand without quotes"),
        ("CREATE STREAM «naïve» (x INTEGER)", "naïve cannot stand | needs double quotes"),
        ("CREATE STREAM «1st» (x INTEGER)", "1st is neither a number nor a name"),
        ('CREATE STREAM «""» (x INTEGER)', "a name in quotes cannot be empty"),
        (r"SELECT «u&'a\\\9'»", r"\9 does not begin with a character's number | before four"),
        (r"SELECT «u&'\D800'»", r"\D800 does not begin with a character's number"),
        # A place over two lines is marked on the first.
        ('CREATE STREAM «"a»\nb" (x INTEGER)', r"the name a\nb has characters"),
        (f"CREATE STREAM «{'a' * 129}» (x INTEGER)", "has 129 characters | at most 128"),
    ],
)
def test_refused(refused: Refuse, marked: str, fragment: str) -> None:
    refused(marked, fragment)


def test_no_comment_is_obeyed(refused: Refuse) -> None:
    refused(
        """
        CREATE STREAM A (X INTEGER);
        CREATE PUMP P AS INSERT INTO A
        SELECT /*+ STREAM */ «b» /* sqlglot.meta start=1,end=1 */ + «COUN»(c)
        FROM "SOURCE_SQL_STREAM_001";
        """,
        "there is no column B",
        "there is no function COUN",
    )


def test_a_text_has_an_end(refused: Refuse) -> None:
    refused("1 " * TOKENS_MAX + "«1»", f"more than {TOKENS_MAX} words")
