"""--event-time and what goes with it."""

import json
from collections.abc import Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from analytics_sql.event_time_settings import event_time_of
from analytics_sql.plan import EventTime
from fleet.errors import ConfigError
from wildrydes.cli import wildrydes
from wildrydes.event_time_option import case_texts, event_time_options


def chosen(*arguments: str, written: Mapping[str, str] | None = None) -> EventTime | None:
    """What comes of these options beside what application.toml has."""
    found: list[Mapping[str, str]] = []

    @click.command()
    @event_time_options
    def command(event_time: Mapping[str, str]) -> None:
        found.append(event_time)

    command.main(list(arguments), standalone_mode=False)
    return event_time_of(written or {}, found[0])


def test_defaults_and_all_options() -> None:
    assert chosen() is None
    assert chosen("--event-time", "T") == EventTime("T", 10_000, 60_000, 60_000, None)
    assert chosen("--late", "correct", "--event-time", "T") == EventTime("T", correct_ms=3_600_000)
    everything = ("--lateness", "5s", "--idle", "off", "--future", "off", "--correct-for", "2h")
    assert chosen("--event-time", "T", "--late", "correct", *everything) == EventTime(
        "T", 5000, None, None, 7_200_000
    )


def test_options_win_over_the_file_one_by_one() -> None:
    written = {"column": "T", "lateness": "5s", "late": "correct", "correct_for": "2h"}
    assert chosen(written=written) == EventTime("T", 5000, correct_ms=7_200_000)
    assert chosen("--lateness", "1s", written=written) == EventTime("T", 1000, correct_ms=7_200_000)
    other = chosen("--event-time", "U", written=written)
    assert other == EventTime("U", 5000, correct_ms=7_200_000)
    # The file's correct_for has nothing to say then, and is no mistake.
    assert chosen("--late", "error-stream", written=written) == EventTime("T", 5000)
    shorter = chosen("--correct-for", "1h", written=written)
    assert shorter == EventTime("T", 5000, correct_ms=3_600_000)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--event-time", "T", "--lateness", "off"), "'off' is not a duration"),
        (("--event-time", "T", "--idle", "5"), "'5' is not a duration .*or off"),
        (("--event-time", "T", "--late", "drop"), "'drop' is not one of error-stream, correct"),
    ],
)
def test_what_is_no_value(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(click.UsageError, match=message):
        chosen(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--lateness", "5s"), "lateness is given, but no column"),
        (("--event-time", "T", "--correct-for", "1h"), "goes with --late correct"),
    ],
)
def test_what_does_not_go_together(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        chosen(*arguments)


def test_the_file_of_a_case() -> None:
    texts = case_texts({"event_time": "T", "idle": "off"}, "f")
    assert event_time_of({}, texts) == EventTime("T", idle_ms=None)
    for texts, message in (
        ({"event_time": "T", "lateness": "soon"}, "f: lateness: 'soon' is not a duration"),
        ({"event-time": "T"}, "f: there is no event-time"),
    ):
        with pytest.raises(ConfigError, match=message):
            case_texts(texts, "f")


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


def test_application_toml_has_the_same_and_options_win(tmp_path: Path) -> None:
    """The rows are those of the golden case, whose file has the same settings."""
    (tmp_path / "app.sql").write_text((CASE / "app.sql").read_text())
    (tmp_path / "schema.json").write_text((CASE.parents[1] / "schema.json").read_text())
    toml = '[input]\nschema = "schema.json"\n[event_time]\ncolumn = "T"\nlateness = "5s"\n'
    toml += 'late = "correct"\ncorrect_for = "20s"\n'
    (tmp_path / "application.toml").write_text(toml)
    words = ["sql", "run", str(tmp_path), "--input", str(CASE / "input.jsonl"), "--output", "DEST"]

    def rows(*options: str) -> list[str]:
        done = CliRunner().invoke(wildrydes, [*words, *options], standalone_mode=False)
        assert done.exception is None
        return [json.loads(line)["TOTAL"] for line in done.stdout.splitlines()]

    assert rows() == [11, 5, 2, 4]
    assert (
        rows("--late", "error-stream") == rows("--late", "error-stream", "--idle", "1m") != rows()
    )
    case = tmp_path / "tests" / "corrects"
    case.mkdir(parents=True)
    (case / "input.jsonl").write_text((CASE / "input.jsonl").read_text())
    (case / "expected.jsonl").write_text((CASE / "expected.jsonl").read_text())
    tested = CliRunner().invoke(wildrydes, ["sql", "test", str(tmp_path)], standalone_mode=False)
    assert "1 cases, all right" in tested.stdout
    # What the case says wins, as an option does.
    (case / "event_time.json").write_text('{"late": "error-stream"}')
    tested = CliRunner().invoke(wildrydes, ["sql", "test", str(tmp_path)], standalone_mode=False)
    assert "1 cases, 1 wrong" in tested.stdout


def test_explain_says_what_rowtime_is() -> None:
    shown = run("explain", str(CASE / "app.sql"), "--event-time", "T").stdout
    assert "ROWTIME: column T; a record more than 10 s behind the latest of its shard" in shown
    assert "ROWTIME: column" not in run("explain", str(CASE / "app.sql")).stdout
