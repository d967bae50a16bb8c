"""Text against patterns."""

from analytics_sql.functions.regex import (
    check_escape,
    expanded,
    java_search,
    like_pattern,
    replacement,
    similar_pattern,
)
from analytics_sql.functions.registry import INTEGER_NUMBER, TEXT, scalar
from analytics_sql.types import BOOLEAN, Kind, SqlType


@scalar(
    "LIKE",
    "text [NOT] LIKE pattern [ESCAPE character]",
    TEXT,
    TEXT,
    TEXT,
    required=2,
    gives=BOOLEAN,
    checks={2: check_escape},
    fails_by=(1, 2),
    source="REF:sql-reference-conditions",
)
def like(text: str, pattern: str, escape: str | None = None) -> bool:
    """Whether the whole text follows the pattern: % is any text, _ is one character."""
    return like_pattern(pattern, escape).fullmatch(text) is not None


@scalar(
    "SIMILAR TO",
    "text [NOT] SIMILAR TO pattern [ESCAPE character]",
    TEXT,
    TEXT,
    TEXT,
    required=2,
    gives=BOOLEAN,
    checks={2: check_escape},
    fails_by=(1, 2),
    source="REF:sql-reference-conditions",
)
def similar(text: str, pattern: str, escape: str | None = None) -> bool:
    """Whether the whole text follows the pattern: LIKE's % and _, and | * + ? {n} ( ) [ ]."""
    return similar_pattern(pattern, escape).fullmatch(text) is not None


@scalar(
    "REGEX_REPLACE",
    "REGEX_REPLACE(text, regex, replacement, start, occurrence)",
    TEXT,
    TEXT,
    TEXT,
    INTEGER_NUMBER,
    INTEGER_NUMBER,
    gives=SqlType(Kind.VARCHAR, 65535),
    checks={1: java_search, 2: replacement},
    fails_by=(1, 2, 3, 4),
    source="REF:sql-reference-regex-replace",
)
def regex_replace(text: str, regex: str, instead: str, start: int, occurrence: int) -> str:
    """The text with one match of Java's regular expression replaced, or with 0 all of them,
    looked for from a character on.
    """
    if start < 1:
        raise ValueError(f"REGEX_REPLACE starts at 1 or later, not at {start}")
    if occurrence < 0:
        raise ValueError(f"REGEX_REPLACE replaces occurrence 0 or later, not {occurrence}")
    if start > len(text):
        return text
    pattern, template = java_search(regex), replacement(instead)
    head, tail = text[: start - 1], text[start - 1 :]
    parts, at = [head], 0
    for number, match in enumerate(pattern.finditer(tail), start=1):
        if occurrence in (0, number):
            try:
                parts += tail[at : match.start()], expanded(template, match)
            except IndexError as error:
                raise ValueError(
                    f"{instead[:40]!a} does not go with the expression: {error}"
                ) from None
            at = match.end()
        if number == occurrence:
            break
    return "".join([*parts, tail[at:]])
