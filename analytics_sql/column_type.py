"""Column types as people write them, in CREATE STREAM and in an input schema.

Sources: REF:sql-reference-data-types for the types and their synonyms; DG:sch-mapping.md for
TINYINT.
"""

import re

from analytics_sql.types import BIGINT, BOOLEAN, DOUBLE, INTEGER, SMALLINT, TIMESTAMP, Kind, SqlType

CHARACTERS_MAX = 65535
"""Of a VARCHAR. Source: REF:sql-reference-data-types."""

SUPPORTED = "TINYINT, SMALLINT, INTEGER, BIGINT, DOUBLE, BOOLEAN, VARCHAR(n) and TIMESTAMP"

_UNSIZED = {
    "TINYINT": SqlType(Kind.TINYINT),
    "SMALLINT": SMALLINT,
    "INTEGER": INTEGER,
    "INT": INTEGER,
    "BIGINT": BIGINT,
    "DOUBLE": DOUBLE,
    "DOUBLE PRECISION": DOUBLE,
    "FLOAT": DOUBLE,
    "BOOLEAN": BOOLEAN,
    "TIMESTAMP": TIMESTAMP,
}
_TEXT = ("VARCHAR", "CHARACTER VARYING", "CHAR VARYING")
_NOT_YET = (
    *("REAL", "DECIMAL", "DEC", "NUMERIC", "CHAR", "CHARACTER", "BINARY", "VARBINARY"),
    *("DATE", "TIME", "INTERVAL"),
)
_WRITTEN = re.compile(r"\s*([A-Za-z_]\w*(?:\s+[A-Za-z_]\w*)*)\s*(?:\(([\d,\s]*)\))?\s*", re.ASCII)


class NotAColumnType(ValueError):
    """The text names no type that a column can have; str() is the sentence that says so."""


def column_type(text: str) -> SqlType:
    """VARCHAR(16) -> SqlType(VARCHAR, 16). Raises NotAColumnType.

    A VARCHAR without a length has length None: nothing is ever too long for it.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise NotAColumnType(f"{text} is not a type")
    words = " ".join(match[1].upper().split())
    sizes = None if match[2] is None else [size.strip() for size in match[2].split(",")]
    if words in _NOT_YET:
        raise NotAColumnType(f"{words} columns are not supported yet")
    if words in _TEXT:
        return SqlType(Kind.VARCHAR, None if sizes is None else _length(text, sizes))
    if words not in _UNSIZED:
        raise NotAColumnType(f"there is no type {words}")
    if sizes is not None:
        raise NotAColumnType(f"{words} takes no size")
    return _UNSIZED[words]


def _length(text: str, sizes: list[str]) -> int:
    # Six digits are too many already; more might be too many for int().
    length = int(sizes[0]) if len(sizes) == 1 and re.fullmatch(r"\d{1,6}", sizes[0]) else 0
    if not 1 <= length <= CHARACTERS_MAX:
        raise NotAColumnType(f"{text} needs one length from 1 to {CHARACTERS_MAX}")
    return length
