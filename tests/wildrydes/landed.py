"""What has landed of the workshop's rows, as any client finds it."""

import json
from typing import Any

from fleet.reading import STREAM, SUMMARY_STREAM, TABLE
from tests.wildrydes.recompute import Row, recompute, row
from tests.wildrydes.running import all_records, table_rows, wait_until


def in_table(dynamodb: Any) -> list[Row]:
    """The rows of the table, in order."""
    return sorted(row(values) for values in table_rows(dynamodb, TABLE))


def on_summary(kinesis: Any) -> list[Row]:
    """The rows of the summary stream, in order, each as often as it is there."""
    records = all_records(kinesis, SUMMARY_STREAM)
    return sorted(row(json.loads(record["Data"])) for record in records)


def newest_end(rows: list[Row]) -> str:
    """When the newest window that has rows ended, as the rows say it."""
    return max(end for _, end, *_ in rows)


def wait_for_windows(kinesis: Any, count: int, *, after: str) -> None:
    """Until rows of `count` windows that ended later than `after` are on the summary stream."""
    wait_until(
        f"rows of {count} windows after {after}",
        lambda: len({end for _, end, *_ in on_summary(kinesis) if end > after}) >= count,
    )


def wait_for_all(kinesis: Any, dynamodb: Any, size_ms: int) -> list[Row]:
    """The rows of all that was put, once they are in the table. Nothing may be put any more, while
    the processor runs on: the windows of a silent stream close too.
    """
    expected = recompute(all_records(kinesis, STREAM), size_ms)
    wait_until("all rows", lambda: len(in_table(dynamodb)) >= len(expected))
    return sorted(expected)
