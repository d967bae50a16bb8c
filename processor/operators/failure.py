"""Rows that fail leave the flow here, one dead letter each; the others go on."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from analytics_sql.types import SqlType
from fleet.row import DeadLetter
from processor.columns import Columns, Ids, Vector
from processor.expressions.output import output_values

_encode = msgspec.json.Encoder(decimal_format="number").encode


def failures(vectors: Sequence[Vector]) -> Mapping[int, str]:
    """Row -> why one of its values could not be computed: the first vector that failed says it."""
    failed: dict[int, str] = {}
    for vector in reversed(vectors):
        failed.update(vector.failed)
    return failed


def sound_rows(count: int, failed: Mapping[int, str]) -> Ids:
    """The positions of the rows that did not fail."""
    sound = np.ones(count, np.bool_)
    sound[list(failed)] = False
    return np.flatnonzero(sound)


def dead_letters(
    columns: Columns, types: Mapping[str, SqlType], failed: Mapping[int, str], stage: str
) -> list[DeadLetter]:
    """A letter for each row that failed, in the order of rows, with the row as JSON."""
    rows = sorted(failed)
    chosen = columns.take(np.array(rows, np.int64))
    values: dict[str, list[Any]] = {
        name: output_values(chosen.vectors[name], type) for name, type in types.items()
    }
    letters = []
    for i, (row, origin) in enumerate(zip(rows, chosen.lineage.origins(), strict=True)):
        letters.append(
            DeadLetter(
                shard_id=origin.shard_id,
                sequence_number=origin.sequence_number,
                arrival_ms=origin.arrival_ms,
                partition_key=origin.partition_key,
                stage=stage,
                reason=failed[row],
                data=_encode({name: column[i] for name, column in values.items()}),
            )
        )
    return letters
