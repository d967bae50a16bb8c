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
    TIMESTAMP = "TIMESTAMP"
    DATE = "DATE"
    TIME = "TIME"
    INTERVAL = "INTERVAL"


INTEGER_BITS = {Kind.TINYINT: 8, Kind.SMALLINT: 16, Kind.INTEGER: 32, Kind.BIGINT: 64}
TEXT = {Kind.CHAR, Kind.VARCHAR}
APPROXIMATE = {Kind.REAL, Kind.DOUBLE}


@dataclass(frozen=True, slots=True)
class SqlType:
    """VARCHAR(16) is SqlType(Kind.VARCHAR, 16); DECIMAL(10,2) is SqlType(Kind.DECIMAL, 10, 2)."""

    kind: Kind
    length: int | None = None
    """Characters of a CHAR or VARCHAR, digits of a DECIMAL; None: not given."""
    scale: int | None = None

    def __str__(self) -> str:
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
    def integer_range(self) -> tuple[int, int]:
        """Smallest and largest value of an integer type."""
        half: int = 1 << (INTEGER_BITS[self.kind] - 1)
        return -half, half - 1


BIGINT = SqlType(Kind.BIGINT)
INTEGER = SqlType(Kind.INTEGER)
SMALLINT = SqlType(Kind.SMALLINT)
DOUBLE = SqlType(Kind.DOUBLE)
BOOLEAN = SqlType(Kind.BOOLEAN)
TIMESTAMP = SqlType(Kind.TIMESTAMP)
