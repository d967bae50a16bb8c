"""The rows worked out a second time, by DuckDB, from the raw records."""

import json
from typing import Any

import duckdb

from tests.duckdb_rows import insert

Row = tuple[str, str, int, int, int, int, int]

_COLUMNS = ("Name", "Distance", "MagicPoints", "HealthPoints")

_QUERY = """
    SELECT
        Name,
        strftime(
            make_timestamp((arrival_ms // $size_ms + 1) * $size_ms * 1000), '%Y-%m-%d %H:%M:%S.%g'
        ) AS StatusTime,
        CAST(round(fsum(Distance)) AS INTEGER) AS Distance,
        min(MagicPoints), max(MagicPoints), min(HealthPoints), max(HealthPoints)
    FROM readings
    GROUP BY Name, arrival_ms // $size_ms
    ORDER BY StatusTime, Name
"""


def recompute(records: list[dict[str, Any]], size_ms: int) -> list[Row]:
    """The rows of tumbling windows of `size_ms` over records as boto3 returns them, by arrival.

    The last window may still be open: compare with `closed`.
    """
    readings = []
    for record in records:
        reading = json.loads(record["Data"])
        arrival_ms = round(record["ApproximateArrivalTimestamp"].timestamp() * 1000)
        readings.append((*(reading[name] for name in _COLUMNS), arrival_ms))
    with duckdb.connect() as database:
        database.execute(
            "CREATE TABLE readings"
            "(Name TEXT, Distance DOUBLE, MagicPoints INT, HealthPoints INT, arrival_ms BIGINT)"
        )
        insert(database, "readings", readings)
        rows: list[Row] = database.execute(_QUERY, {"size_ms": size_ms}).fetchall()
        return rows


def row(values: dict[str, Any]) -> Row:
    """A row of the table or the summary stream in the same shape."""
    return (
        values["Name"],
        values["StatusTime"],
        values["Distance"],
        values["MinMagicPoints"],
        values["MaxMagicPoints"],
        values["MinHealthPoints"],
        values["MaxHealthPoints"],
    )


def closed(rows: list[Row], until: str) -> list[Row]:
    """The rows of windows that ended at or before `until`, in order."""
    return sorted(r for r in rows if r[1] <= until)
