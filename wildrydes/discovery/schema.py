"""A discovered schema: its columns, and the JSON that the API has for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """A column, and where it came from."""

    name: str
    sql_type: str
    mapping: str | None
    """None in CSV."""
    given: str
    """What the records call it."""
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a sample says of its records."""

    columns: Sequence[Column]
    format: dict[str, Any]
    """RecordFormat."""
    notes: Sequence[str]
    """What one should know."""

    @property
    def schema(self) -> dict[str, Any]:
        """The InputSchema."""
        return {
            "RecordFormat": self.format,
            "RecordEncoding": "UTF-8",
            "RecordColumns": [
                {"Name": column.name, "SqlType": column.sql_type}
                | ({} if column.mapping is None else {"Mapping": column.mapping})
                for column in self.columns
            ],
        }
