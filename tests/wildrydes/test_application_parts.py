"""What application.toml says of the stream and the outputs, and how options win over it."""

import shutil
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from analytics_sql.application_file import WORKSHOP, load_application
from fleet.errors import ConfigError
from wildrydes.application_option import ApplicationPath
from wildrydes.application_parts import check_outputs, outputs_of, stream_of
from wildrydes.sink_options import sink_options

MANIFEST = """[input]
stream = "readings"
schema = "schema.json"
[[outputs]]
stream = "DESTINATION_SQL_STREAM"
url = "kinesis://rides"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(WORKSHOP, tmp_path / "rides"))
    (folder / "application.toml").write_text(MANIFEST)
    return folder


def chosen(*flags: str) -> tuple[list[str], tuple[str, ...]]:
    """The outputs and the sinks of records that these options mean."""
    seen: list[Any] = []

    @click.command()
    @click.option("--app", "application", type=ApplicationPath())
    @sink_options
    def command(application: Path | None, sinks: Any) -> None:
        seen.append(sinks)

    result = CliRunner().invoke(command, flags, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return [str(output) for output in seen[0].outputs], seen[0].records


def test_an_application_says_where_its_rows_go(home: Path) -> None:
    app = ("--app", str(home))
    assert (stream_of(home), stream_of(None), stream_of(WORKSHOP)) == (
        "readings",
        None,
        "wildrydes",
    )
    assert outputs_of(home)[0].stream == "DESTINATION_SQL_STREAM"
    assert chosen(*app) == (["kinesis://rides"], ())
    assert chosen(*app, "--archive-bucket", "b") == (["kinesis://rides"], ("archive",))
    assert chosen(*app, "--sinks", "archive") == (["kinesis://rides"], ("archive",))
    assert chosen(*app, "--sinks", "none") == (["kinesis://rides"], ())
    assert chosen(*app, "--sinks", "dynamodb") == (["dynamodb://UnicornSensorData"], ())
    assert chosen(*app, "--output", "kinesis://b") == (["kinesis://b"], ("archive",))
    assert chosen("--app", "wildrydes") == chosen()


def test_all_that_is_wrong_with_outputs(home: Path) -> None:
    more = '[[outputs]]\nstream = "NONE"\nurl = "kinesis://a"\n[[outputs]]\nurl = "ftp://b"\n'
    (home / "application.toml").write_text(MANIFEST + more)
    with pytest.raises(ConfigError) as caught:
        check_outputs(home, load_application(home))
    assert str(caught.value).splitlines()[1:] == [
        "  outputs 2.stream: kinesis://a: the application has no stream NONE; its streams are "
        "DESTINATION_SQL_STREAM, error_stream",
        "  outputs 3.url: ftp://b: there is no sink ftp",
    ]


def test_an_application_that_is_not_there() -> None:
    command = click.Command("c", params=[click.Option(["--app"], type=ApplicationPath())])
    result = CliRunner().invoke(command, ["--app", "nowhere"])
    assert result.exit_code == 2
    assert "there is no application nowhere" in result.output
    assert "wildrydes" in result.output
