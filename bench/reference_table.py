"""What reading a reference table costs: `python -P bench/reference_table.py`, a minute.

A table of four columns in 16 MiB of CSV and of JSON lines, each in a process of its own: CPU time
for each MiB, memory at the peak beyond the bytes themselves, and how long the first batch that
comes then waits while the rows are put in the order of their keys. Python's own csv
and json over the same bytes stand beside it; the ratios hold on any machine, absolute figures do
not.
"""

import csv
import io
import json
import multiprocessing
import resource
import time
from collections.abc import Callable

import numpy as np

from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import ReferenceTable
from fleet.batch import Batch
from processor.engine import Engine
from processor.reference_tables.content import decode_table

BYTES = 16 << 20
COLUMNS = {"K": "INTEGER", "CUSTOMER": "VARCHAR(32)", "RATE": "DOUBLE", "ZONE": "VARCHAR(16)"}
SQL = """CREATE STREAM D (K INTEGER, ZONE VARCHAR(16));
CREATE PUMP P AS INSERT INTO D SELECT STREAM s.K, t.ZONE
FROM SOURCE_SQL_STREAM_001 AS s JOIN T AS t ON s.K = t.K;"""


def schema(kind: str) -> InputSchema:
    delimiters = {"RecordRowDelimiter": "\n", "RecordColumnDelimiter": ","}
    mapping = {"CSVMappingParameters": delimiters} if kind == "CSV" else {}
    columns = [{"Name": name, "SqlType": type} for name, type in COLUMNS.items()]
    if kind == "JSON":
        columns = [column | {"Mapping": f"$.{column['Name']}"} for column in columns]
    format = {"RecordFormatType": kind, "MappingParameters": mapping}
    return InputSchema.from_json({"RecordFormat": format, "RecordColumns": columns}, where="here")


def text(kind: str) -> bytes:
    lines, size, i = [], 0, 0
    while size < BYTES:
        row = (i, f"customer-{i:08d}", i * 0.37, f"Zone-{i % 50}")
        named = dict(zip(COLUMNS, row, strict=True))
        line = ",".join(map(str, row)) if kind == "CSV" else json.dumps(named)
        lines.append(line)
        size += len(line) + 1
        i += 1
    return "\n".join(lines).encode()


def plain(kind: str, data: bytes) -> object:
    if kind == "CSV":
        return list(csv.reader(io.StringIO(data.decode())))
    return [json.loads(line) for line in data.splitlines()]


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def took_s(work: Callable[[], object]) -> float:
    started_s = time.process_time()
    work()
    return time.process_time() - started_s


def measure(kind: str) -> None:
    data, given = text(kind), schema(kind)
    table = ReferenceTable("T", given.columns, "", given.format)
    before = peak()
    started_s = time.process_time()
    content = decode_table(table, data)
    decoded_s = time.process_time() - started_s
    grown = peak() - before
    engine = Engine(compile_application(SQL, name="b", schema=schema("JSON"), tables=[table]))
    engine.tables["T"].replace(content.vectors, content.count)
    record = Batch("shardId-0", [b'{"K": 7}'], np.array([1000]), ["1"], ["a"], "1")
    indexed_s = took_s(lambda: engine.add(record))
    plain_s = took_s(lambda: plain(kind, data))
    mib = len(data) / (1 << 20)
    print(
        f"{kind:5} {content.count:>8,} rows  {decoded_s / mib:.3f} s/MiB  "
        f"{decoded_s / plain_s:.1f} times Python's own  peak {grown / len(data):.1f} times the "
        f"bytes  first batch {indexed_s * 1000:.0f} ms"
    )


if __name__ == "__main__":
    for kind in ("CSV", "JSON"):
        process = multiprocessing.get_context("spawn").Process(target=measure, args=(kind,))
        process.start()
        process.join()
