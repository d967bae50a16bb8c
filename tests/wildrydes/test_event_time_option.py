"""--event-time and what goes with it."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from analytics_sql.plan import EventTime
from fleet.errors import ConfigError
from wildrydes.cli import wildrydes
from wildrydes.event_time_option import event_time_of, event_time_options


def chosen(*arguments: str) -> EventTime | None:
    found: list[EventTime | None] = []

    @click.command()
    @event_time_options
    def command(event_time: EventTime | None) -> None:
        found.append(event_time)

    command.main(list(arguments), standalone_mode=False)
    return found[0]


def test_defaults_and_all_options() -> None:
    assert chosen() is None
    assert chosen("--event-time", "T") == EventTime("T", 10_000, 60_000, 60_000, None)
    assert chosen("--late", "correct", "--event-time", "T") == EventTime("T", correct_ms=3_600_000)
    everything = ("--lateness", "5s", "--idle", "off", "--future", "off", "--correct-for", "2h")
    assert chosen("--event-time", "T", "--late", "correct", *everything) == EventTime(
        "T", 5000, None, None, 7_200_000
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--lateness", "5s"), "--lateness goes with --event-time"),
        (("--event-time", "T", "--correct-for", "1h"), "goes with --late correct"),
        (("--event-time", "T", "--lateness", "off"), "'off' is not a duration"),
        (("--event-time", "T", "--idle", "5"), "'5' is not a duration"),
        (("--event-time", "T", "--late", "drop"), "'drop' is not one of"),
    ],
)
def test_what_does_not_go_together(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(click.UsageError, match=message):
        chosen(*arguments)


def test_the_file_of_a_case() -> None:
    assert event_time_of({"event_time": "T", "idle": "off"}, "f") == EventTime("T", idle_ms=None)
    for texts, message in (
        ({"event_time": "T", "lateness": "soon"}, "f: 'soon' is not a duration"),
        ({"lateness": "1s"}, "f: --lateness goes with"),
        ({"event-time": "T"}, "f: there is no event-time"),
    ):
        with pytest.raises(ConfigError, match=message):
            event_time_of(texts, "f")


CASE = Path(__file__).parents[1] / "sql/event_time/late_corrects"


def run(*arguments: str) -> Result:
    schema = ("--schema", str(CASE.parents[1] / "schema.json"))
    return CliRunner().invoke(wildrydes, ["sql", *arguments, *schema], standalone_mode=False)


def test_sql_run_prints_a_corrected_row_once() -> None:
    options = ("--event-time", "T", "--lateness", "5s", "--late", "correct", "--correct-for", "20s")
    files = (str(CASE / "app.sql"), "--input", str(CASE / "input.jsonl"), "--output", "DEST")
    assert run("run", *files, *options).stdout.splitlines() == [
        '{"K":"a","TOTAL":11}',
        '{"K":"a","TOTAL":5}',
        '{"K":"a","TOTAL":2}',
        '{"K":"a","TOTAL":4}',
    ]
    assert "not a TIMESTAMP" in str(run("run", *files, "--event-time", "X").exception)


def test_explain_says_what_rowtime_is() -> None:
    shown = run("explain", str(CASE / "app.sql"), "--event-time", "T").stdout
    assert "ROWTIME: column T; a record more than 10 s behind the latest of its shard" in shown
    assert "ROWTIME: column" not in run("explain", str(CASE / "app.sql")).stdout
