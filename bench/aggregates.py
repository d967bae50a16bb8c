"""What unpacking aggregates costs: `python -P bench/aggregates.py`, a few seconds.

A batch of 5,000 readings of about 170 bytes, plain and in aggregates of 100, through what the
source does with it: best of 30, microseconds a reading. The published Python library does the same
work for comparison. Parsing the answer of GetRecords stands beside it, since it is what a plain
stream pays anyway; the ratios hold on any machine, absolute figures do not.
"""

import base64
import json
import time
from collections.abc import Callable

import numpy as np
from aws_kinesis_agg.aggregator import AggRecord
from aws_kinesis_agg.deaggregator import iter_deaggregate_records

from awsio.lineage import Shard
from fleet.batch import Batch
from processor.source.user_records import unpacked

READINGS = 5000
AT_ONCE = 100
REPEATS = 30


def batch_of(records: list[bytes]) -> Batch:
    n = len(records)
    numbers = [str(49 * 10**54 + i) for i in range(n)]
    return Batch("shardId-0", records, np.zeros(n, np.int64), numbers, ["a"] * n, numbers[-1])


def readings() -> list[tuple[str, bytes]]:
    return [
        (
            f"Unicorn-{i % 50}",
            json.dumps(
                {
                    "Name": f"Unicorn-{i % 50}",
                    "StatusTime": "2026-01-01 00:00:00.000",
                    "Distance": 30.123,
                    "MagicPoints": 150,
                    "HealthPoints": 120,
                    "Latitude": 40.123456,
                    "Longitude": -73.654321,
                }
            ).encode(),
        )
        for i in range(READINGS)
    ]


def aggregates(records: list[tuple[str, bytes]]) -> list[bytes]:
    found = []
    for start in range(0, len(records), AT_ONCE):
        aggregate = AggRecord()
        for key, data in records[start : start + AT_ONCE]:
            aggregate.add_user_record(key, data)
        found.append(aggregate.get_contents()[2])
    return found


def best_us(work: Callable[[], object]) -> float:
    best_s = float("inf")
    for _ in range(REPEATS):
        started_s = time.perf_counter()
        work()
        best_s = min(best_s, time.perf_counter() - started_s)
    return best_s * 1e6 / READINGS


def main() -> None:
    records = readings()
    packed = aggregates(records)
    root, child = Shard("shardId-0"), Shard("shardId-0", ("parent",))
    plain, whole = batch_of([data for _, data in records]), batch_of(packed)
    answer = json.dumps(
        [{"Data": base64.b64encode(d).decode(), "PartitionKey": k} for k, d in records]
    )
    outer = {"PartitionKey": "a", "SequenceNumber": "1", "ApproximateArrivalTimestamp": 0.0}
    library = [{**outer, "Data": data} for data in packed]
    rows = {
        "parse a plain answer": lambda: [base64.b64decode(r["Data"]) for r in json.loads(answer)],
        "look for aggregates in plain records": lambda: list(unpacked(plain, root)),
        "unpack aggregates": lambda: list(unpacked(whole, root)),
        "unpack them in a shard of a reshard": lambda: list(unpacked(whole, child)),
        "published library": lambda: list(iter_deaggregate_records(library, data_format="Boto3")),
    }
    for name, work in rows.items():
        print(f"{name:<38} {best_us(work):7.3f} us a reading")


if __name__ == "__main__":
    main()
