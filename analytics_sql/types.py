"""The SQL types of the dialect. Source: the SQL reference's data types page, and DG:sch-mapping.md
for TINYINT.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """A type without its length, precision or scale."""

    TINYINT = "TINYINT"
    SMALLINT = "SMALLINT"
    INTEGER = "INTEGER"
    BIGINT = "BIGINT"
    REAL = "REAL"
    DOUBLE = "DOUBLE"
    DECIMAL = "DECIMAL"
    BOOLEAN = "BOOLEAN"
    CHAR = "CHAR"
    VARCHAR = "VARCHAR"
    BINARY = "BINARY"
    VARBINARY = "VARBINARY"
    TIMESTAMP = "TIMESTAMP"
    DATE = "DATE"
    TIME = "TIME"
    INTERVAL = "INTERVAL"


INTEGER_BITS = {Kind.TINYINT: 8, Kind.SMALLINT: 16, Kind.INTEGER: 32, Kind.BIGINT: 64}
TEXT = {Kind.CHAR, Kind.VARCHAR}
BYTES = {Kind.BINARY, Kind.VARBINARY}
APPROXIMATE = {Kind.REAL, Kind.DOUBLE}
DATETIME = {Kind.TIMESTAMP, Kind.DATE, Kind.TIME}

UNIT_MS = {"DAY": 86_400_000, "HOUR": 3_600_000, "MINUTE": 60_000, "SECOND": 1_000}
"""The units of an interval, coarsest first. Only day-time intervals exist
(REF:sql-reference-data-types).
"""

DIGITS_MAX = 19
"""Of a DECIMAL. Source: REF:sql-reference-data-types."""
INTEGER_DIGITS = {Kind.TINYINT: 3, Kind.SMALLINT: 5, Kind.INTEGER: 10, Kind.BIGINT: 19}
"""The precision of an integer type where it meets a DECIMAL. Source: Calcite's type system, which
is Farrago's.
"""


@dataclass(frozen=True, slots=True)
class SqlType:
    """VARCHAR(16) is SqlType(Kind.VARCHAR, 16); DECIMAL(10,2) is SqlType(Kind.DECIMAL, 10, 2)."""

    kind: Kind
    length: int | None = None
    """Characters of a CHAR or VARCHAR, bytes of a BINARY or VARBINARY, digits of a DECIMAL; None:
    not given.
    """
    scale: int | None = None
    units: tuple[str, str] | None = None
    """First and last unit of an INTERVAL: INTERVAL '1:30' MINUTE TO SECOND has both of them."""

    def __str__(self) -> str:
        if self.units is not None:
            first, last = self.units
            return f"{self.kind} {first}" if first == last else f"{self.kind} {first} TO {last}"
        sizes = [str(n) for n in (self.length, self.scale) if n is not None]
        return f"{self.kind}({','.join(sizes)})" if sizes else str(self.kind)

    @property
    def is_integer(self) -> bool:
        """TINYINT to BIGINT."""
        return self.kind in INTEGER_BITS

    @property
    def is_approximate(self) -> bool:
        """REAL or DOUBLE."""
        return self.kind in APPROXIMATE

    @property
    def is_numeric(self) -> bool:
        """Any number."""
        return self.is_integer or self.is_approximate or self.kind is Kind.DECIMAL

    @property
    def is_text(self) -> bool:
        """CHAR or VARCHAR."""
        return self.kind in TEXT

    @property
    def is_bytes(self) -> bool:
        """BINARY or VARBINARY."""
        return self.kind in BYTES

    @property
    def has_words(self) -> bool:
        """Whether columns hold numbers of words: texts, or bytes, each of which is the character
        of its number there.
        """
        return self.is_text or self.is_bytes

    @property
    def is_exact(self) -> bool:
        """An integer or a DECIMAL."""
        return self.is_integer or self.kind is Kind.DECIMAL

    @property
    def is_datetime(self) -> bool:
        """TIMESTAMP, DATE or TIME."""
        return self.kind in DATETIME

    @property
    def digits(self) -> tuple[int, int]:
        """Precision and scale of an integer or a DECIMAL."""
        if self.is_integer:
            return INTEGER_DIGITS[self.kind], 0
        return self.length or DIGITS_MAX, self.scale or 0

    @property
    def integer_range(self) -> tuple[int, int]:
        """Smallest and largest value of an integer type."""
        half: int = 1 << (INTEGER_BITS[self.kind] - 1)
        return -half, half - 1


BIGINT = SqlType(Kind.BIGINT)
INTEGER = SqlType(Kind.INTEGER)
SMALLINT = SqlType(Kind.SMALLINT)
REAL = SqlType(Kind.REAL)
DOUBLE = SqlType(Kind.DOUBLE)
BOOLEAN = SqlType(Kind.BOOLEAN)
TIMESTAMP = SqlType(Kind.TIMESTAMP)
DATE = SqlType(Kind.DATE)
TIME = SqlType(Kind.TIME)
VARCHAR = SqlType(Kind.VARCHAR)
DAY_TO_SECOND = SqlType(Kind.INTERVAL, units=("DAY", "SECOND"))
