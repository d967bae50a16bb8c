"""CloudFront logs by operating system: lines per second of each engine, in one run.

`python -P bench/labs/cloudfront.py [MIB] [HIVE_LINES]`: generated logs of so many MiB (64 unless
told; 1024 takes minutes) in four files, made in a temporary folder. Each engine answers the lab's
first query in a process of its own: DuckDB, from reading on; PySpark and Hive, from a started
Spark on, whose first query is slower; and `cat | mapper.py | sort | reducer.py`. RE2 with the whole
pattern, and Hive's own RegexSerDe, which tries ways to cut a line, get the first HIVE_LINES (5,000
unless told) of the same lines. Beside the seconds the processor's, of all threads and processes:
the ratios are of these, and hold on a machine that does something else too. Linux tells Java's.
"""

import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

import duckdb

from labs.cloudfront.engines.duckdb_engine import DuckDbEngine
from labs.cloudfront.engines.spark_engine import SparkEngine
from labs.cloudfront.generated_logs import NAME, generate
from labs.cloudfront.hive.script import Script, parse_script
from labs.cloudfront.input_files import files_under
from labs.cloudfront.java_regex.pattern import whole
from labs.cloudfront.lab import HQL

Counts = dict[str, int]
Taken = tuple[float, float]
"""Seconds, and seconds of processors."""
LAB = Path(__file__).resolve().parents[2] / "labs/cloudfront"
MEBIBYTE = 1 << 20
FILES = 4
SEEDS = 8


class Clock:
    """Started when it is made."""

    def __init__(self, cpu_s: Callable[[], float]) -> None:
        self._cpu_s = cpu_s
        self._started = time.perf_counter(), cpu_s()

    def taken(self) -> Taken:
        return time.perf_counter() - self._started[0], self._cpu_s() - self._started[1]


def fill(folder: Path, size: int) -> int:
    """Files of `size` bytes together; returns the lines."""
    texts = []
    for seed in range(SEEDS):
        generate(folder, seed)
        texts.append((folder / NAME).read_bytes())
    (folder / NAME).unlink()
    lines = 0
    for number in range(FILES):
        written = 0
        with (folder / f"{number}.log").open("wb") as file:
            while written < size / FILES:
                text = texts[lines % SEEDS]
                written += file.write(text)
                lines += text.count(b"\n")
    return lines


def script(data: Path) -> Script:
    """The lab's, up to its first query."""
    text = HQL.read_text()
    text = text[: text.index("INSERT OVERWRITE DIRECTORY '${OUTPUT}/methods/'")]
    return parse_script(text, HQL.name, {"INPUT": str(data), "OUTPUT": "/out"}, Path("/out"))


def by_duckdb(data: Path) -> tuple[Taken, Counts]:
    hive = script(data)
    start = Clock(time.process_time)
    engine = DuckDbEngine(hive, {"cloudfront_logs": files_under(data)}, lambda _: None)
    found = dict(engine.query(hive.queries[0]).rows)
    return start.taken(), found


def by_spark(data: Path, *, own_serde: bool) -> tuple[Taken, Counts]:
    hive = script(data)
    engine = SparkEngine(hive, {"cloudfront_logs": files_under(data)}, hive=own_serde)
    start = Clock(java_cpu_s)
    found = dict(engine.query(hive.queries[0]).rows)
    taken = start.taken()
    engine.close()
    return taken, found


def java_cpu_s() -> float:
    """Of Spark's Java process (proc(5): fields 14 and 15 of stat, in ticks)."""
    from pyspark import SparkContext

    stat = Path(f"/proc/{SparkContext._gateway.proc.pid}/stat").read_text().rpartition(")")[2]
    user, system = stat.split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def children_cpu_s() -> float:
    """Of processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def by_pipe(data: Path) -> tuple[Taken, Counts]:
    """`cat | mapper | sort | reducer`, as the README has it."""
    start = Clock(children_cpu_s)
    logs = sorted(data.iterdir())
    steps = [["cat", *logs], [sys.executable, LAB / "mapper.py"], ["sort"]]
    stdin = None
    running = []
    for step in [*steps, [sys.executable, LAB / "reducer.py"]]:
        process = subprocess.Popen(
            step, stdin=stdin, stdout=subprocess.PIPE, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
        )
        running.append(process)
        stdin = process.stdout
    text, _ = running[-1].communicate()
    for process in running:
        process.wait()
    pairs = (line.split("\t") for line in text.decode().splitlines())
    found = {key: int(number) for key, number in pairs}
    return start.taken(), found


def by_re2(data: Path) -> tuple[Taken, Counts]:
    """The whole pattern on every line, its lookahead apart: what cutting at tabs saves."""
    pattern = script(data).tables["cloudfront_logs"].pattern
    expression = whole(pattern.body, "re2").replace("'", "''")
    names = ", ".join(f"'g{group}'" for group in range(1, pattern.group_count + 1))
    start = Clock(time.process_time)
    rows = duckdb.execute(
        f"SELECT groups.g11, count(*) FROM (SELECT regexp_extract(line, '{expression}', [{names}]) "
        f"AS groups FROM read_csv('{data}/*', columns = {{'line': 'VARCHAR'}}, delim = '\x1f', "
        "quote = '', escape = '', header = false, auto_detect = false) "
        "WHERE NOT starts_with(line, '#')) GROUP BY ALL"
    ).fetchall()
    return start.taken(), dict(rows)


def apart(work: Callable[[Path], tuple[Taken, Counts]], data: Path) -> tuple[Taken, Counts]:
    """In a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, data).result()


def main(mebibytes: str = "64", hive_lines: str = "5000") -> None:
    with tempfile.TemporaryDirectory(prefix="wildrydes-bench-") as folder:
        big, small = (Path(folder) / name for name in ("big", "small"))
        big.mkdir()
        small.mkdir()
        lines = fill(big, int(mebibytes) * MEBIBYTE)
        with (big / "0.log").open("rb") as file:
            head = list(islice(file, int(hive_lines)))
        (small / "0.log").write_bytes(b"".join(head))
        size = sum(path.stat().st_size for path in big.iterdir()) / MEBIBYTE
        print(f"{lines:,} lines, {size:,.0f} MiB; the last two with {len(head):,} lines")
        print(f"{'':26}{'seconds':>10}{'CPU s':>10}{'lines/CPU s':>14}{'DuckDB is':>12}")
        works = [
            ("DuckDB", big, lines, by_duckdb),
            ("PySpark", big, lines, partial(by_spark, own_serde=False)),
            ("mapper | sort | reducer", big, lines, by_pipe),
            ("RE2, the whole pattern", small, len(head), by_re2),
            ("Hive's RegexSerDe", small, len(head), partial(by_spark, own_serde=True)),
        ]
        truth: dict[Path, Counts] = {}
        duckdb_per_s = 0.0
        for name, data, count, work in works:
            if shutil.which("java") is None and isinstance(work, partial):
                print(f"{name:26} no Java")
                continue
            (took_s, cpu_s), found = apart(work, data)
            assert truth.setdefault(data, found) == found, f"{name} has other counts"
            per_s = count / cpu_s
            duckdb_per_s = duckdb_per_s or per_s
            print(
                f"{name:26}{took_s:>10.2f}{cpu_s:>10.2f}{per_s:>14,.0f}"
                f"{duckdb_per_s / per_s:>11,.1f}x",
                flush=True,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
