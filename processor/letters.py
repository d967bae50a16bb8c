"""Dead letters of records: what came in and could not become rows.

A record has one letter, however many of its rows fail: a megabyte of a hundred thousand bad rows
must not become a hundred thousand letters of a megabyte each.
"""

from collections.abc import Sequence

from fleet.batch import Batch
from fleet.row import DeadLetter
from processor.columns import Ids


def record_letters(
    batch: Batch, records: Ids | None, failed: Sequence[tuple[int, str]], stage: str
) -> list[DeadLetter]:
    """A letter for each record with a row that failed, in their order.

    `records`: the record of each row; None: row i is record i. `failed`: (row, why),
    in the order of rows; the letter gives the reason of the first and counts the others.
    """
    if records is None:
        return [_letter(batch, row, reason, stage) for row, reason in failed]
    reasons: dict[int, list[str]] = {}
    for row, reason in failed:
        reasons.setdefault(int(records[row]), []).append(reason)
    first, end = records.searchsorted(list(reasons)), records.searchsorted(list(reasons), "right")
    letters = []
    for (record, why), size in zip(reasons.items(), (end - first).tolist(), strict=True):
        reason = why[0]
        if len(why) > 1:
            reason += f" (and {len(why) - 1:,} more of the record's {size:,} rows)"
        letters.append(_letter(batch, record, reason, stage, partial=len(why) < size))
    return letters


def _letter(
    batch: Batch, record: int, reason: str, stage: str, *, partial: bool = False
) -> DeadLetter:
    return DeadLetter(
        shard_id=batch.shard_id,
        sequence_number=batch.record_id(record),
        arrival_ms=int(batch.arrival_ms[record]),
        partition_key=batch.partition_keys[record],
        stage=stage,
        reason=reason,
        data=batch.records[record],
        partial=partial,
    )
