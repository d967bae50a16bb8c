"""What a golden case has to say: whether its rows are the expected ones, in every way."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from analytics_sql.plan import Application
from fleet.errors import FleetError, SqlErrors
from fleet.row import Row
from processor.error_stream import NAME as ERROR_STREAM
from wildrydes.trial.case import Case, NamedRow, read_row
from wildrydes.trial.difference import matched, same, show_difference
from wildrydes.trial.record_file import FileRecord
from wildrydes.trial.row_text import named
from wildrydes.trial.ways import all_at_once, ways_for

_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True)
class Verdict:
    """`problem` is None when all is well, and otherwise one sentence; `details` are lines."""

    name: str
    problem: str | None = None
    details: Sequence[str] = ()
    ways: Sequence[str] = ()
    """The ways beside the first that gave the same rows."""


def judge(case: Case, *, accept: bool = False) -> Verdict:
    """Runs a case in every way. `accept` makes the rows that came the expected ones."""
    try:
        return _judge(case, accept)
    except SqlErrors as errors:
        return Verdict(case.name, "the application is wrong", errors.render().splitlines())
    except FleetError as error:
        return Verdict(case.name, str(error), [error.remedy] if error.remedy else [])


def _judge(case: Case, accept: bool) -> Verdict:
    application, records = case.application(), case.records()
    outputs = application.outputs | {ERROR_STREAM}
    rows = [_plain(row) for row in all_at_once(application, records) if row.stream in outputs]
    if accept:
        case.expected_path.write_bytes(b"".join(_encode(row) + b"\n" for row in rows))
    expected = case.expected()
    if expected is None:
        remedy = "write them by hand; or take what comes with --accept, and read it"
        return Verdict(case.name, "there is no expected.jsonl", [remedy])
    shown = matched(expected, rows)
    if not same(expected, shown):
        lines = show_difference(expected, shown)
        return Verdict(case.name, "other rows came than expected", lines)
    ways, difference = difference_between_ways(application, records)
    if difference is not None:
        return Verdict(case.name, f"other rows come with {ways[-1]}", difference)
    return Verdict(case.name, ways=ways)


def difference_between_ways(
    application: Application, records: Sequence[FileRecord]
) -> tuple[list[str], list[str] | None]:
    """The ways tried, and, if the last of them gives other rows than all_at_once, what differs.

    All streams count, those included that only feed pumps.
    """
    rows = _sorted([_plain(row) for row in all_at_once(application, records)])
    tried: list[str] = []
    for name, way in ways_for(application, records).items():
        tried.append(name)
        others = _sorted([_plain(row) for row in way(application, records)])
        if not same(rows, others):
            return tried, show_difference(rows, others)
    return tried, None


def _plain(row: Row) -> NamedRow:
    """The row as it is read back from its line."""
    return read_row(_encode(named(row)))


def _sorted(rows: Sequence[NamedRow]) -> list[NamedRow]:
    """Without the order among rows of one time, in which no way has to agree with another."""
    return sorted(rows, key=lambda row: (row["rowtime"], row["stream"], _encode(row)))
