"""The lab: a script as it is typed into Redshift, from CREATE TABLE over COPY to the queries."""

from datetime import datetime
from pathlib import Path
from typing import Final

from awsio.clients import AwsClients
from fleet.settings import AwsSettings
from labs.dataset import Origin
from labs.lab_run import LabRun
from labs.redshift.load_error import COLUMNS
from labs.redshift.script import Script
from labs.redshift.session import Session
from labs.redshift.users import USERS_DATASET
from labs.redshift.warehouse import Warehouse
from labs.report import Report

SCRIPT: Final = Path(__file__).with_name("tickit.sql")
QUESTION: Final = "How many users like both Vegas and sports, and how many either?"
DATABASE: Final = "redshift.duckdb"
"""In the lab's folder."""
ERRORS_SHOWN: Final = 50


async def run(
    run: LabRun,
    settings: AwsSettings,
    warehouse: Warehouse,
    started: datetime,
    script_path: Path | None = None,
) -> Report:
    """Runs the lab's own script, or another. Files of --data, or generated ones, are uploaded to
    where the script's COPY statements look, unless the endpoint is not on this machine: there, and
    for another script without --data, what lies on S3 is loaded as it is.

    `report.results["failed"]` says whether a COPY had as many errors as stop it. Raises ConfigError
    for data that is not there, SqlErrors for the script.
    """
    path = script_path or SCRIPT
    script = Script(path.read_text(encoding="utf-8"), path.name)
    report = Report(
        "redshift",
        "Redshift: loaded with COPY",
        QUESTION
        if script_path is None
        else f"What does {path.name} load, and what is asked of it?",
        run.seed,
    )
    uploads, origin = chosen_data(run, settings, is_own=script_path is None)
    report.origins.append(origin)
    session = Session(warehouse, run.say, started)
    async with AwsClients(settings) as aws:
        await session.run(script, aws, uploads)
    _tell(report, session, script)
    return report


def chosen_data(
    run: LabRun, settings: AwsSettings, *, is_own: bool
) -> tuple[dict[str, Path], Origin]:
    """Files to upload, by their names, and where the data is from. `is_own`: for the lab's own
    script. An endpoint that is not on this machine gets none.
    """
    if not settings.is_loopback or (run.data is None and not run.generated and not is_own):
        return {}, Origin("given", f"what lies on S3 at {settings.endpoint_url}")
    if is_own or run.data is None:
        data = run.obtain(USERS_DATASET)
        return dict(data.files), data.origin
    folder = [run.data] if run.data.is_file() else sorted(run.data.iterdir())
    return {path.name: path for path in folder if path.is_file()}, Origin("given", str(run.data))


def _tell(report: Report, session: Session, script: Script) -> None:
    warehouse = session.warehouse
    report.text(f"{script.name} ran on {warehouse.engine} ({warehouse.where}).")
    report.table(
        "Loaded by COPY",
        ("table", "rows", "lines refused", "MAXERROR"),
        [
            (load.table, _loaded(session, index), len(load.errors),
             load.parameters.error_max)
            for index, load in enumerate(session.loads)
        ],
        numbers=("rows", "lines refused", "MAXERROR"),
    )  # fmt: skip
    errors = session.errors
    if errors:
        cut = f", the first {ERRORS_SHOWN}" if len(errors) > ERRORS_SHOWN else ""
        report.table(
            f"stl_load_errors{cut}",
            ("line", "column", "type", "value", "code", "reason", "file", "raw line"),
            [
                # Neither a line nor a code is a quantity: no thousands are told apart.
                (str(error.line_number), error.colname, error.written_type, error.raw_field_value,
                 str(error.err_code), error.err_reason, error.filename, error.raw_line)
                for error in errors[:ERRORS_SHOWN]
            ],
            numbers=("line",),
        )  # fmt: skip
    for asked in session.queries:
        cut = ", the first rows" if asked.result.is_cut else ""
        report.table(
            f"{asked.title}{cut}",
            asked.result.columns,
            # A blank would not be told from an empty text.
            [["NULL" if value is None else value for value in row] for row in asked.result.rows],
            numbers=asked.result.numeric,
        )
    if session.without_effect:
        report.heading("Accepted, and without effect here")
        for note in session.without_effect:
            report.text(note)
    report.heading("The script")
    report.code(script.text)
    report.answer = _answer(session)
    report.results.update(_results(session))


def _loaded(session: Session, index: int) -> int:
    """Rows of a load that are in the table: only the last can have been taken back."""
    load = session.loads[index]
    is_lost = session.failure is not None and index == len(session.loads) - 1
    return 0 if is_lost or load.parameters.loads_nothing else load.row_count


def _answer(session: Session) -> str:
    if session.failure is not None:
        return f"{session.failure} ({session.failure.remedy})"
    figures = {
        asked.result.columns[0]: asked.result.rows[0][0]
        for asked in session.queries
        if len(asked.result.columns) == 1 and len(asked.result.rows) == 1
    }
    if {"users", "vegas_and_sports", "vegas_or_sports"} <= set(figures):
        return (
            f"Of {figures['users']:,} users {figures['vegas_and_sports']:,} like Vegas and sports, "
            f"and {figures['vegas_or_sports']:,} Vegas or sports."
        )
    rows = sum(_loaded(session, index) for index in range(len(session.loads)))
    return (
        f"{len(session.loads)} COPY: {rows:,} rows loaded, {len(session.errors):,} lines refused; "
        f"{len(session.queries)} queries."
    )


def _results(session: Session) -> dict[str, object]:
    return {
        "engine": session.warehouse.engine,
        "failed": session.failure is not None,
        "loads": [
            {
                "table": load.table,
                "rows": _loaded(session, index),
                "refused": len(load.errors),
            }
            for index, load in enumerate(session.loads)
        ],
        "load_errors": [
            dict(zip(COLUMNS, error.values, strict=True)) for error in session.errors[:ERRORS_SHOWN]
        ],
        "queries": [
            {
                "title": asked.title,
                "sql": asked.sql,
                "columns": asked.result.columns,
                "rows": asked.result.rows,
                "is_cut": asked.result.is_cut,
            }
            for asked in session.queries
        ],
    }
