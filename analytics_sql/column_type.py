"""Types as people write them: of a column in CREATE STREAM and in an input schema, and after CAST.

Sources: REF:sql-reference-data-types for the types and their synonyms; DG:sch-mapping.md for
TINYINT.
"""

import re

from analytics_sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DIGITS_MAX,
    DOUBLE,
    INTEGER,
    REAL,
    SMALLINT,
    TIME,
    TIMESTAMP,
    UNIT_MS,
    Kind,
    SqlType,
)

CHARACTERS_MAX = 65535
"""Of a CHAR or VARCHAR, or bytes of the binary types. Source: REF:sql-reference-data-types."""

SUPPORTED = (
    "TINYINT, SMALLINT, INTEGER, BIGINT, REAL, DOUBLE, DECIMAL(p,s), BOOLEAN, CHAR(n), VARCHAR(n), "
    "BINARY(n), VARBINARY(n), DATE, TIME and TIMESTAMP"
)

_UNSIZED = {
    "TINYINT": SqlType(Kind.TINYINT),
    "SMALLINT": SMALLINT,
    "INTEGER": INTEGER,
    "INT": INTEGER,
    "BIGINT": BIGINT,
    "REAL": REAL,
    "DOUBLE": DOUBLE,
    "DOUBLE PRECISION": DOUBLE,
    "FLOAT": DOUBLE,
    "BOOLEAN": BOOLEAN,
    "DATE": DATE,
    "TIME": TIME,
    "TIMESTAMP": TIMESTAMP,
}
_VARYING = ("VARCHAR", "CHARACTER VARYING", "CHAR VARYING")
_FIXED = ("CHAR", "CHARACTER")
_DECIMAL = ("DECIMAL", "DEC", "NUMERIC")
_VARYING_BYTES = ("VARBINARY", "BINARY VARYING")
_WRITTEN = re.compile(r"\s*([A-Za-z_]\w*(?:\s+[A-Za-z_]\w*)*)\s*(?:\(([\d,\s]*)\))?\s*", re.ASCII)
_INTERVAL = re.compile(
    r"\s*INTERVAL\s+(\w+)(?:\s*\(\s*\d+\s*\))?(?:\s+TO\s+(\w+))?(?:\s*\([\d\s,]+\))?\s*",
    re.ASCII | re.IGNORECASE,
)


class NotAColumnType(ValueError):
    """The text names no type that a column can have; str() is the sentence that says so."""


def column_type(text: str) -> SqlType:
    """VARCHAR(16) -> SqlType(VARCHAR, 16). Raises NotAColumnType.

    A VARCHAR without a length has length None: nothing is ever too long for it. A CHAR without one
    has one character, a BINARY one byte, a DECIMAL without digits has 19 and no fraction.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise NotAColumnType(f"{text} is not a type")
    words = " ".join(match[1].upper().split())
    sizes = None if match[2] is None else [size.strip() for size in match[2].split(",")]
    if words.split()[0] == "INTERVAL":
        raise NotAColumnType("no column holds an INTERVAL: TSDIFF gives milliseconds as a BIGINT")
    if words in _VARYING:
        return SqlType(Kind.VARCHAR, None if sizes is None else _length(text, sizes))
    if words in _FIXED:
        return SqlType(Kind.CHAR, 1 if sizes is None else _length(text, sizes))
    if words in _VARYING_BYTES:
        return SqlType(Kind.VARBINARY, None if sizes is None else _length(text, sizes))
    if words == "BINARY":
        return SqlType(Kind.BINARY, 1 if sizes is None else _length(text, sizes))
    if words in _DECIMAL:
        return _decimal(text, ["19"] if sizes is None else sizes)
    if words not in _UNSIZED:
        raise NotAColumnType(f"there is no type {words}")
    if sizes is not None:
        raise NotAColumnType(f"{words} takes no size")
    return _UNSIZED[words]


def cast_type(text: str) -> SqlType:
    """The type after CAST(... AS: a column's, or INTERVAL with units. Raises NotAColumnType."""
    match = _INTERVAL.fullmatch(text)
    if match is None:
        return column_type(text)
    units = list(UNIT_MS)
    first, last = match[1].upper(), (match[2] or match[1]).upper()
    if first not in units or last not in units or units.index(first) > units.index(last):
        raise NotAColumnType(f"{text} has no units in the order DAY, HOUR, MINUTE, SECOND")
    return SqlType(Kind.INTERVAL, units=(first, last))


def _length(text: str, sizes: list[str]) -> int:
    # Six digits are too many already; more might be too many for int().
    length = int(sizes[0]) if len(sizes) == 1 and re.fullmatch(r"\d{1,6}", sizes[0]) else 0
    if not 1 <= length <= CHARACTERS_MAX:
        raise NotAColumnType(f"{text} needs one length from 1 to {CHARACTERS_MAX}")
    return length


def _decimal(text: str, sizes: list[str]) -> SqlType:
    if len(sizes) <= 2 and all(re.fullmatch(r"\d{1,2}", size) for size in sizes):
        precision, scale = int(sizes[0]), int(sizes[1]) if len(sizes) == 2 else 0
        if 1 <= precision <= DIGITS_MAX and scale <= precision:
            return SqlType(Kind.DECIMAL, precision, scale)
    raise NotAColumnType(
        f"{text} needs 1 to {DIGITS_MAX} digits, and no more of them after the point"
    )
