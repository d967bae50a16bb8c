"""Rows of several lineages in one sequence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from processor.columns import Ids, Lineage, Origin


@dataclass(frozen=True, slots=True)
class MergedLineage:
    """Rows of several lineages in one sequence."""

    parts: Sequence[Lineage]
    starts: Ids
    """Row 0 of each part is this one of all of them, end to end."""
    rows: Ids
    """The rows, as their places among all of them."""
    strand: tuple[str, ...] = ()

    def take(self, rows: Ids) -> "MergedLineage":
        """See Lineage."""
        return MergedLineage(self.parts, self.starts, self.rows[rows])

    def identities(self, prefix: str) -> list[str]:
        """See Lineage."""
        names = [""] * len(self.rows)
        for at, chosen in self._by_part():
            for i, name in zip(at.tolist(), chosen.identities(prefix), strict=True):
                names[i] = name
        return names

    def origins(self) -> list[Origin]:
        """See Lineage."""
        found: dict[int, Origin] = {}
        for at, chosen in self._by_part():
            found.update(zip(at.tolist(), chosen.origins(), strict=True))
        return [found[row] for row in range(len(self.rows))]

    def kept(self) -> "MergedLineage":
        """See Lineage: of each part the rows that are here."""
        parts, starts, rows = [], [], np.empty_like(self.rows)
        count = 0
        for at, chosen in self._by_part():
            parts.append(chosen.kept())
            starts.append(count)
            rows[at] = np.arange(count, count + len(at))
            count += len(at)
        return MergedLineage(parts, np.array(starts, np.int64), rows, self.strand)

    def _by_part(self) -> Iterator[tuple[Ids, Lineage]]:
        """The rows of each part, and where they come from."""
        part_of = np.searchsorted(self.starts, self.rows, "right") - 1
        for part in np.unique(part_of).tolist():
            at = np.flatnonzero(part_of == part)
            yield at, self.parts[part].take(self.rows[at] - self.starts[part])
