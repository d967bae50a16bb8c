"""Applications and records by chance: texts that combine the constructs of the language, over
records with NULLs, equal times and pauses.
"""

import json
from random import Random

from wildrydes.trial.record_file import FileRecord, read_records

SOURCE = "SOURCE_SQL_STREAM_001"
COLUMNS = (
    "K VARCHAR(8), N INTEGER, X DOUBLE, T TIMESTAMP, OK BOOLEAN, PRICE DECIMAL(10,2), LOW REAL, "
    "CODE CHAR(4)"
)
NAMES = "K, N, X, T, OK, PRICE, LOW, CODE"
START_S = 1_767_225_600

CALLS = {
    "COUNT(*)": "BIGINT",
    "COUNT(CODE)": "BIGINT",
    "SUM(N)": "BIGINT",
    "SUM(10 / N)": "BIGINT",
    "SUM(PRICE)": "DECIMAL(19,2)",
    "SUM(LOW)": "DOUBLE",
    "AVG(X)": "DOUBLE",
    "AVG(PRICE)": "DECIMAL(19,2)",
    "MIN(K)": "VARCHAR(8)",
    "MIN(T)": "TIMESTAMP",
    "MAX(X)": "DOUBLE",
    "MAX(CODE)": "CHAR(4)",
    "FIRST_VALUE(N)": "INTEGER",
    "LAST_VALUE(K)": "VARCHAR(8)",
    "STDDEV_POP(X)": "DOUBLE",
    "VAR_SAMP(N)": "DOUBLE",
    "ANY(OK)": "BOOLEAN",
    "EVERY(OK)": "BOOLEAN",
}
WHERES = ("", " WHERE N > 1", " WHERE 10 / N > 1")
TIME_KEYS = (
    "STEP(s.ROWTIME BY INTERVAL '7' SECOND)",
    "FLOOR(s.ROWTIME TO SECOND)",
    "FLOOR(s.ROWTIME TO MINUTE)",
    "FLOOR((s.ROWTIME - TIMESTAMP '1970-01-01 00:00:00') SECOND / 5 TO SECOND)",
)
KEYS = ("K", "OK", "N / 10", "CODE")
FRAMES = (
    "PARTITION BY K ROWS 3 PRECEDING",
    "PARTITION BY OK RANGE INTERVAL '4' SECOND PRECEDING",
    "PARTITION BY K, CODE ROWS 0 PRECEDING",
    "PARTITION BY N / 5 RANGE INTERVAL '2.5' SECOND PRECEDING",
    "RANGE INTERVAL '1' MINUTE PRECEDING",
    "RANGE CURRENT ROW",
    "ROWS UNBOUNDED PRECEDING",
)
NEW_TIMES = (
    "",
    ", s.ROWTIME + INTERVAL '1' SECOND AS ROWTIME",
    ", STEP(s.ROWTIME BY INTERVAL '2' SECOND) AS ROWTIME",
)


def random_application(rng: Random) -> str:
    """One query, over the input or over a stream that one or two pumps fill."""
    text, read = "", SOURCE
    if rng.random() < 0.4:
        read, new_time = "MIDDLE", rng.choice(NEW_TIMES)
        text = f"CREATE STREAM MIDDLE ({COLUMNS});\n"
        for number in range(rng.choice((1, 2))):
            items = NAMES.replace("N,", f"N + {number},", 1)
            text += f"CREATE PUMP M{number} AS INSERT INTO MIDDLE\n"
            text += f"SELECT STREAM {items}{new_time} FROM {SOURCE} AS s;\n"
    calls = rng.sample(sorted(CALLS), rng.randint(1, 5))
    query = rng.choice((_tumbling, _sliding, _monotonic))(rng, read, calls)
    columns = ", ".join(f"C{i} {CALLS[call]}" for i, call in enumerate(calls))
    text += f"CREATE STREAM DEST ({columns});\nCREATE PUMP P AS INSERT INTO DEST\n{query};\n"
    return text


def _tumbling(rng: Random, read: str, calls: list[str]) -> str:
    keys = [*rng.sample(KEYS, rng.randint(0, 2)), rng.choice(TIME_KEYS)]
    having = rng.choice(("", " HAVING COUNT(*) > 1"))
    where = rng.choice(WHERES)
    items = ", ".join(calls)
    return f"SELECT STREAM {items} FROM {read} AS s{where} GROUP BY {', '.join(keys)}{having}"


def _sliding(rng: Random, read: str, calls: list[str]) -> str:
    items = ", ".join(f"{call} OVER ({rng.choice(FRAMES)})" for call in calls)
    return f"SELECT STREAM {items} FROM {read} AS s{rng.choice(WHERES)}"


def _monotonic(rng: Random, read: str, calls: list[str]) -> str:
    where = rng.choice(WHERES)
    return f"SELECT STREAM {', '.join(calls)} FROM {read} AS s{where} GROUP BY MONOTONIC(N / 2), K"


def random_records(rng: Random) -> list[FileRecord]:
    """Up to thirty, some at the same time."""
    lines, time_s = [], 0.0
    for _ in range(rng.randint(1, 30)):
        time_s += rng.choice((0, 0, 0.25, 1, 1, 2.5, 8, 30))
        values = {
            "K": rng.choice("abc"),
            "N": rng.randint(0, 20),
            "X": rng.choice((0.1, 0.2, -3.5, 1e15, 7.25)),
            "T": f"2026-01-0{rng.randint(1, 9)}",
            "OK": rng.random() < 0.5,
            "PRICE": rng.choice((0.1, 2.25, -7)),
            "LOW": rng.choice((0.1, 0.7)),
            "CODE": rng.choice(("x", "yy")),
        }
        data = {name: value for name, value in values.items() if rng.random() < 0.85}
        line = {"ApproximateArrivalTimestamp": START_S + time_s, "Data": data}
        lines.append(json.dumps(line).encode())
    return list(read_records(lines, "random"))
