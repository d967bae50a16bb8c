"""The lab: a Hive script's tables and queries over logs, each line accounted for."""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Literal

from fleet.errors import ConfigError, FleetError
from labs.cloudfront.engines.base import Engine
from labs.cloudfront.engines.duckdb_engine import DuckDbEngine, LineCounts
from labs.cloudfront.findings import Finding, find, tell
from labs.cloudfront.generated_logs import LOGS
from labs.cloudfront.hive.script import Script, parse_script
from labs.cloudfront.input_files import files_under
from labs.cloudfront.malformed_lines import FILE, SHOWN, shown, write_malformed
from labs.dataset import Origin
from labs.lab_run import LabRun
from labs.report import Report

EngineName = Literal["duckdb", "spark", "hive"]
HQL = Path(__file__).with_name("cloudfront.hql")
MEBIBYTE = 1 << 20


def run(
    run: LabRun,
    *,
    engine: EngineName = "duckdb",
    hql: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> Report:
    """Runs the script, the lab's own unless `hql` is given. Raises SqlErrors for the script,
    ConfigError for files and engines that cannot be used.
    """
    report = Report(
        "cloudfront",
        "Hive: requests by operating system",
        "How many requests to CloudFront came from each operating system?",
        run.seed,
    )
    source = run.out / "data" if run.data is None else run.data
    script = _script(hql or HQL, source, run.out.resolve(), variables or {})
    origin = run.obtain(LOGS).origin if run.data is None else Origin("given", str(source))
    report.origins.append(origin)
    files = {name: files_under(table.location) for name, table in script.tables.items()}
    for note in script.notes:
        run.say(note)
    size = sum(path.stat().st_size for paths in files.values() for path in paths)
    count = sum(map(len, files.values()))
    run.say(f"reading {count:,} file{'' if count == 1 else 's'}, {size / MEBIBYTE:,.1f} MiB")
    lines = DuckDbEngine(script, files, run.say)
    try:
        counts = {name: _counted(name, lines, run) for name in script.tables}
        _account(counts, lines, run, report)
        if engine == "duckdb":
            findings = _findings(script, lines, run, origin)
        else:
            findings = _on_spark(script, files, run, origin, counts, hive=engine == "hive")
    finally:
        lines.close()
    _tell(script, findings, counts, report, engine)
    return report


def _script(path: Path, source: Path, out: Path, variables: Mapping[str, str]) -> Script:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None
    paths = {"INPUT": source.resolve(), "OUTPUT": out}
    # They stand in literals of the script.
    escaped = {
        name: str(value).replace("\\", "\\\\").replace("'", "\\'") for name, value in paths.items()
    }
    return parse_script(text, path.name, {**escaped, **variables}, out)


def _counted(name: str, lines: DuckDbEngine, run: LabRun) -> LineCounts:
    """Raises ConfigError when no line is what the table expects."""
    counts = lines.counts(name)
    run.say(
        f"{name}: {counts.lines:,} lines, {counts.matched:,} match, {counts.headers:,} headers, "
        f"{counts.malformed:,} malformed"
    )
    if not counts.matched:
        first = next(lines.malformed(name), None)
        where = "" if first is None else f": {first.file}:{first.number}: {shown(first.line)}"
        raise ConfigError(
            f"none of the {counts.lines:,} lines of {name} matches input.regex{where}",
            remedy="are these the logs that the script is for?",
        )
    return counts


def _account(
    counts: Mapping[str, LineCounts], lines: DuckDbEngine, run: LabRun, report: Report
) -> None:
    """Into the report, and the malformed lines into their file."""
    heads = ("table", "lines", "match", "headers (#)", "no match", "a text not of its type")
    report.heading("Lines")
    report.table(
        "Lines",
        heads,
        [
            (name, each.lines, each.matched, each.headers, each.unmatched, each.faulty)
            for name, each in counts.items()
        ],
        numbers=heads[1:],
    )
    malformed = sum(each.malformed for each in counts.values())
    if not malformed:
        (run.out / FILE).unlink(missing_ok=True)
        return
    first = write_malformed(chain.from_iterable(map(lines.malformed, counts)), run.out)
    report.text(
        f"Hive reads a line that does not match as a row of NULLs, and a text that is not of its "
        f"column's type as NULL. All {malformed:,} such lines are in {FILE}."
    )
    report.table(
        f"Malformed lines{'' if malformed <= SHOWN else f', the first {SHOWN}'}",
        ("file", "line", "why", "text"),
        [(Path(each.file).name, each.number, each.reason, shown(each.line)) for each in first],
        numbers=("line",),
    )


def _findings(script: Script, engine: Engine, run: LabRun, origin: Origin) -> list[Finding]:
    out = run.out.resolve()
    return [
        find(query, number, engine.query(query), out, origin.sentence)
        for number, query in enumerate(script.queries, 1)
    ]


def _on_spark(
    script: Script,
    files: dict[str, list[Path]],
    run: LabRun,
    origin: Origin,
    counts: Mapping[str, LineCounts],
    *,
    hive: bool,
) -> list[Finding]:
    """Raises FleetError when Spark does not see the lines that DuckDB saw."""
    from labs.cloudfront.engines.spark_engine import SparkEngine

    for table in script.tables.values():
        if hive and table.location.is_file():
            raise ConfigError(
                f"LOCATION {table.location} is a file, and Hive reads folders",
                remedy="give --data the folder that it is in",
            )
    run.say("starting Spark")
    engine = SparkEngine(script, files, hive=hive)
    try:
        for name, expected in counts.items():
            seen = engine.count(name)
            if seen != expected.lines:
                raise FleetError(f"{name}: Spark sees {seen:,} lines, DuckDB {expected.lines:,}")
        return _findings(script, engine, run, origin)
    finally:
        engine.close()


def _tell(
    script: Script,
    findings: list[Finding],
    counts: Mapping[str, LineCounts],
    report: Report,
    engine: EngineName,
) -> None:
    for finding, query in zip(findings, script.queries, strict=True):
        tell(finding, query, report)
    for table in script.tables.values():
        report.heading(f"The table {table.name}")
        report.code(table.ddl)
    for note in script.notes:
        report.text(note)
    lines = sum(each.lines for each in counts.values())
    malformed = sum(each.malformed for each in counts.values())
    report.answer = f"{findings[0].sentence} {malformed:,} of {lines:,} lines are malformed."
    report.results.update(
        engine=engine,
        lines={name: each.as_json() for name, each in counts.items()},
        queries={finding.name: finding.as_json() for finding in findings},
    )
