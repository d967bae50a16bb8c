"""A reference table in memory: for tests, and for rows that somebody else has."""

from processor.reference_tables.base import Stored, check_size


class MemoryPlace:
    """See TablePlace. `data` may be put in the place of what is there."""

    where = "memory"

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._version = 0

    @property
    def data(self) -> bytes:
        """What is there."""
        return self._data

    @data.setter
    def data(self, data: bytes) -> None:
        self._data = data
        self._version += 1

    async def read(self, unless: str | None = None) -> Stored | None:
        """See TablePlace."""
        if unless == str(self._version):
            return None
        check_size(self.where, len(self._data))
        return Stored(self._data, str(self._version))
