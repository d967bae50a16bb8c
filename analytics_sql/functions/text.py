"""Text. A character is a code point; positions count from 1."""

from analytics_sql.functions.registry import (
    INTEGER_NUMBER,
    TEXT,
    TEXT_OR_BYTES,
    same_as,
    scalar,
    varying,
)
from analytics_sql.types import INTEGER, Kind, SqlType


def _concatenated(types: tuple[SqlType, ...]) -> SqlType:
    kind = Kind.CHAR if all(type.kind is Kind.CHAR for type in types) else Kind.VARCHAR
    lengths = [type.length for type in types]
    known = [length for length in lengths if length is not None]
    return SqlType(kind, sum(known) if len(known) == len(lengths) else None)


def _overlaid(types: tuple[SqlType, ...]) -> SqlType:
    return SqlType(Kind.VARCHAR, _concatenated(types[:2]).length)


@scalar(
    "||",
    "text || text",
    TEXT,
    TEXT,
    gives=_concatenated,
    fails_by=(),
    source="REF:sql-reference-concatenation",
)
def concatenate(left: str, right: str) -> str:
    """One text after the other; NULL if either is NULL."""
    return left + right


@scalar(
    "UPPER", "UPPER(text)", TEXT, gives=same_as(0), fails_by=(), source="REF:sql-reference-upper"
)
def upper(text: str) -> str:
    """The text in capital letters."""
    return text.upper()


@scalar(
    "LOWER", "LOWER(text)", TEXT, gives=same_as(0), fails_by=(), source="REF:sql-reference-lower"
)
def lower(text: str) -> str:
    """The text in small letters."""
    return text.lower()


@scalar(
    "INITCAP",
    "INITCAP(text)",
    TEXT,
    gives=same_as(0),
    fails_by=(),
    source="REF:sql-reference-initcap",
)
def initcap(text: str) -> str:
    """Each word with a capital first and small letters after it.

    A word starts after a character that is no letter and no digit.
    """
    words, inside = [], False
    for character in text:
        words.append(character.lower() if inside else character.upper())
        inside = character.isalnum()
    return "".join(words)


@scalar(
    "CHAR_LENGTH",
    "CHAR_LENGTH(text)",
    TEXT,
    gives=INTEGER,
    fails_by=(),
    source="REF:sql-reference-char-length",
)
def char_length(text: str) -> int:
    """The number of characters; also CHARACTER_LENGTH."""
    return len(text)


def _check_character(text: str) -> None:
    if len(text) != 1:
        raise ValueError(f"TRIM takes one character, not {len(text)}")


@scalar(
    "TRIM",
    "TRIM([[LEADING | TRAILING | BOTH] [character] FROM] text)",
    TEXT,
    TEXT,
    TEXT,
    gives=varying(2),
    checks={1: _check_character},
    fails_by=(1,),
    source="REF:sql-reference-trim",
)
def trim(side: str, character: str, text: str) -> str:
    """The text without blanks, or without that character, at its ends; BOTH is the default."""
    _check_character(character)
    if side != "TRAILING":
        text = text.lstrip(character)
    return text if side == "LEADING" else text.rstrip(character)


@scalar(
    "SUBSTRING",
    "SUBSTRING(text FROM start [FOR length]), SUBSTRING(text, start [, length])",
    TEXT_OR_BYTES,
    INTEGER_NUMBER,
    INTEGER_NUMBER,
    required=2,
    gives=varying(0),
    fails_by=(2,),
    source="REF:sql-reference-substring",
)
def substring(text: str, start: int, length: int | None = None) -> str:
    """The part from a position on, of a length or to the end.

    A start before 1 counts positions that are not there. Of BINARY and VARBINARY it counts bytes.
    """
    if length is None:
        return text[max(0, start - 1) :]
    if length < 0:
        raise ValueError(f"SUBSTRING takes no length below 0, this is {length}")
    return text[max(0, start - 1) : max(0, start - 1 + length)]


@scalar(
    "POSITION",
    "POSITION(text IN text)",
    TEXT,
    TEXT,
    gives=INTEGER,
    fails_by=(),
    source="REF:sql-reference-position",
)
def position(wanted: str, text: str) -> int:
    """Where the first text stands in the second, 0 if nowhere; an empty text stands at 1."""
    return text.find(wanted) + 1


@scalar(
    "OVERLAY",
    "OVERLAY(text PLACING text FROM start [FOR length])",
    TEXT,
    TEXT,
    INTEGER_NUMBER,
    INTEGER_NUMBER,
    required=3,
    gives=_overlaid,
    fails_by=(3,),
    source="REF:sql-reference-overlay",
)
def overlay(text: str, placed: str, start: int, length: int | None = None) -> str:
    """The first text with the second in the place of `length` characters, by default its own
    number.
    """
    if length is None:
        length = len(placed)
    if length < 0:
        raise ValueError(f"OVERLAY takes no length below 0, this is {length}")
    return text[: max(0, start - 1)] + placed + text[max(0, start - 1 + length) :]
