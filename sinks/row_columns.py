"""The typed columns of the rows that an output takes, for places that have types of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fleet.errors import ConfigError


@dataclass(frozen=True, slots=True)
class RowColumn:
    """A column of an in-application stream."""

    name: str
    type: str
    """As SQL writes it: VARCHAR(16), DOUBLE, TIMESTAMP..."""

    @property
    def kind(self) -> str:
        """The type without what stands in parentheses: VARCHAR."""
        return self.type.partition("(")[0].partition(" ")[0]

    @property
    def sizes(self) -> tuple[int, ...]:
        """What stands in parentheses: (10, 2) of DECIMAL(10,2)."""
        inside = self.type.partition("(")[2].rstrip(")")
        return tuple(int(size) for size in inside.split(",")) if inside else ()


StreamColumns = Mapping[str, Sequence[RowColumn]]
"""By in-application stream."""


def columns_together(streams: StreamColumns, reserved: Sequence[str]) -> tuple[RowColumn, ...]:
    """The columns of one table that holds the rows of all of them. Raises ConfigError where two
    streams have one column with different types, or a column has a `reserved` name.
    """
    together: dict[str, RowColumn] = {}
    for stream, columns in streams.items():
        for column in columns:
            if together.setdefault(column.name, column) != column:
                raise ConfigError(
                    f"{stream}.{column.name} is {column.type}, and "
                    f"{together[column.name].type} in another stream that goes to the same place",
                    remedy="give each stream an --output STREAM=URL of its own",
                )
            if column.name in reserved:
                raise ConfigError(
                    f"{stream} has a column {column.name}, which the output has for itself",
                    remedy="call that column otherwise in the SQL",
                )
    return tuple(together.values())
