"""The contract of every place that a reference table comes from."""

from dataclasses import dataclass
from typing import Final, Protocol

from fleet.errors import ConfigError

BYTES_MAX: Final = 128 << 20
"""Of one table, as it is stored. The service allowed 1 GB (DG:limits.md). Here CSV takes fifteen
times its size in memory while it is read (docs/engine.md), which makes 2 GB of this.
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a place holds."""

    data: bytes
    version: str
    """Differs when the content does: an ETag, or time and size of a file."""


class TablePlace(Protocol):
    """Where one table's rows are stored: a file, an object on S3, or memory."""

    where: str
    """For messages, as the user wrote it."""

    async def read(self, unless: str | None = None) -> Stored | None:
        """What is there now; None when its version is still `unless`.

        One attempt: raises TransientError for what may go well later, ResourceMissing and
        ConfigError for the rest, such as more than BYTES_MAX.
        """
        ...


def check_size(where: str, size_bytes: int) -> None:
    """Raises ConfigError for more than a table may have."""
    if size_bytes > BYTES_MAX:
        raise ConfigError(
            f"{where} has {size_bytes:,} bytes",
            remedy=f"a reference table has at most {BYTES_MAX:,}",
        )
