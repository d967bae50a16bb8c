"""application.toml: what is read of it, and everything that can be wrong with it."""

import json
import re
import shutil
from pathlib import Path

import pytest

from analytics_sql.application_file import (
    PACKAGED,
    WORKSHOP,
    WORKSHOP_SCHEMA,
    application_name,
    find_application,
    load_application,
    packaged_names,
    workshop_application,
)
from analytics_sql.manifest import Manifest
from analytics_sql.plan import EventTime
from fleet.errors import ConfigError

DOCS = Path(__file__).parents[2] / "docs/sql"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the workshop's application, as `rides`."""
    return Path(shutil.copytree(WORKSHOP, tmp_path / "rides"))


def manifest(home: Path, text: str) -> Manifest:
    path = home / "application.toml"
    path.write_text(text)
    return Manifest.read(path)


def problems(home: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        manifest(home, text)
    first, *others = str(caught.value).splitlines()
    assert first == f"{home / 'application.toml'} is not usable:"
    assert caught.value.remedy == "docs/sql/applications.md has every key"
    return [line.strip() for line in others]


def test_everything_at_once(home: Path) -> None:
    (home / "zones.csv").write_text("a,1\n")
    read = manifest(
        home,
        """
        [input]
        stream = "readings"
        prefix = "RIDES"
        schema = "schema.json"
        [[reference]]
        name = "ZONES"
        source = "zones.csv"
        schema = "schema.json"
        [[reference]]
        name = "HERDS"
        source = "s3://bucket/a/herds.csv"
        schema = "schema.json"
        [[outputs]]
        stream = "ALARMS"
        url = "kinesis://alarms?format=csv"
        [[outputs]]
        url = "dynamodb://All"
        [event_time]
        column = "StatusTime"
        lateness = "30s"
        """,
    )
    assert read.event_time == {"column": "StatusTime", "lateness": "30s"}
    assert (read.stream, read.schema.name_prefix) == ("readings", "RIDES")
    assert [column.name for column in read.schema.columns][:2] == ["Name", "StatusTime"]
    assert [(each.name, each.source) for each in read.references] == [
        ("ZONES", str(home / "zones.csv")),
        ("HERDS", "s3://bucket/a/herds.csv"),
    ]
    assert read.outputs == ("ALARMS=kinesis://alarms?format=csv", "dynamodb://All")


def test_a_schema_may_stand_inside(home: Path) -> None:
    (home / "schema.json").unlink()
    read = manifest(
        home,
        """
        [input.schema]
        RecordFormat = {RecordFormatType = "CSV"}
        RecordColumns = [{Name = "Name", SqlType = "VARCHAR(16)"}]
        """,
    )
    assert [column.name for column in read.schema.columns] == ["Name"]


def test_all_problems_come_at_once(home: Path) -> None:
    text = """
        colour = 1
        [input]
        stream = 5
        schema = "none.json"
        shards = 2
        [[reference]]
        source = "zones.csv"
        schema = "schema.json"
        [[outputs]]
        url = "alarms"
        [[outputs]]
        [event_time]
        lateness = "soon"
        idle = "never"
        future = "off"
        correct_for = "1h"
        slack = "1s"
        """
    assert problems(home, text) == [
        "colour: there is no such key; known are input, reference, outputs, preprocessor, "
        "event_time",
        "input.shards: there is no such key; known are stream, prefix, schema",
        f"input.schema: there is no file {home}/none.json; name a file with the InputSchema",
        "input.stream: 5 is no text; write it in quotes",
        'reference 1.name: it is missing; write it, such as name = "ZONES"',
        f"reference 1.source: there is no file {home}/zones.csv; name a file or s3://bucket/key",
        "outputs 1.url: 'alarms' is no destination; write one "
        'such as url = "kinesis://alarms?format=csv"',
        'outputs 2.url: it is missing; write it, such as url = "kinesis://alarms?format=csv"',
        "event_time.slack: there is no such key; known are column, lateness, idle, future, late, "
        "correct_for",
        'event_time.column: it is missing; write it, such as column = "SENT_AT"',
        "event_time.lateness: 'soon' is not a duration such as 30s, 10m, 2h or 1d",
        "event_time.idle: 'never' is not a duration such as 30s, 10m, 2h or 1d, or off",
        'event_time.correct_for: it goes with late = "correct"',
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", '[input]: it is missing; write schema = "schema.json" under it'),
        ("input = 3", "input: it is no table; write [input] above its keys"),
        ("outputs = 3", "outputs: it is no list of tables; write [[outputs]] above each"),
        ("[input]\nschema = {}", "input.schema: the schema under input.schema is not usable:"),
    ],
)
def test_one_problem(home: Path, text: str, problem: str) -> None:
    assert problem in problems(home, text)


@pytest.mark.parametrize("data", [b"[input", b"\xff", b"a = " + b"[" * 5000])
def test_what_is_no_toml(home: Path, data: bytes) -> None:
    (home / "application.toml").write_bytes(data)
    with pytest.raises(ConfigError, match="is not TOML"):
        Manifest.read(home / "application.toml")


def test_a_folder_is_an_application(home: Path) -> None:
    for path in (home, home / "app.sql", home / "application.toml"):
        application = load_application(path)
        assert application.name == application_name(path) == "rides"
        assert application.fingerprint == workshop_application().fingerprint


def test_event_time_of_the_file_and_of_whoever_runs_it(home: Path) -> None:
    toml = '[input]\nschema = "schema.json"\n[event_time]\ncolumn = "StatusTime"\nidle = "off"'
    manifest(home, toml)
    assert load_application(home).event_time == EventTime("StatusTime", idle_ms=None)
    given = {"lateness": "1s", "idle": "5s"}
    chosen = load_application(home, event_time=given)
    assert chosen.event_time == EventTime("StatusTime", lateness_ms=1000, idle_ms=5000)
    # It is a part of the plan, once.
    assert chosen.fingerprint == load_application(home).fingerprint
    assert chosen.fingerprint != workshop_application().fingerprint
    manifest(home, toml.replace("StatusTime", "Distance"))
    with pytest.raises(ConfigError, match=r"event time: column \"Distance\" is a DOUBLE"):
        load_application(home)


def test_a_folder_without_application_toml(home: Path) -> None:
    (home / "application.toml").unlink()
    with pytest.raises(ConfigError, match=r"there is no .*rides/application\.toml") as caught:
        load_application(home)
    assert "wildrydes sql import" in (caught.value.remedy or "")


def test_the_prefix_names_the_input(home: Path) -> None:
    text = (home / "app.sql").read_text().replace("SOURCE_SQL_STREAM", "RIDES")
    (home / "app.sql").write_text(text)
    manifest(home, '[input]\nschema = "schema.json"\nprefix = "RIDES"')
    assert [source.name for source in load_application(home).sources] == ["RIDES_001"]


def test_names_of_what_ships() -> None:
    assert "wildrydes" in packaged_names()
    assert find_application(packaged_names()[0]).parent == PACKAGED
    with pytest.raises(ConfigError, match="there is no application nowhere") as caught:
        find_application("nowhere")
    assert "wildrydes" in (caught.value.remedy or "")


@pytest.mark.parametrize("name", packaged_names())
def test_what_ships_is_documented(name: str) -> None:
    page = (DOCS / "applications.md").read_text()
    assert f"[{name}](../../analytics_sql/applications/{name}/app.sql)" in page


@pytest.mark.parametrize(
    "text", re.findall(r"^```toml\n(.*?)^```", (DOCS / "applications.md").read_text(), re.M | re.S)
)
def test_the_examples_of_the_docs(tmp_path: Path, text: str) -> None:
    for name in ("schema.json", "zones.schema.json"):
        shutil.copy(WORKSHOP_SCHEMA, tmp_path / name)
    (tmp_path / "zones.csv").write_text("a,1\n")
    assert manifest(tmp_path, text).outputs


def test_a_schema_file_is_the_api_s_form() -> None:
    assert json.loads(WORKSHOP_SCHEMA.read_bytes())["RecordEncoding"] == "UTF-8"
