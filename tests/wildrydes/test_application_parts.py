"""What application.toml says of the stream and the outputs, and how options win over it."""

import re
import shutil
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from analytics_sql.application_file import WORKSHOP, load_application
from fleet.errors import ConfigError
from wildrydes import cli
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


def test_the_preprocessor_of_the_docs(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """In `sql run` by its option and by application.toml, and in `sql test`."""
    page = (Path(__file__).parents[2] / "docs/sql/moving-in.md").read_text()
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
    home = Path(shutil.copytree(WORKSHOP, tmp_path / "rides"))
    (home / "preprocess.py").write_text(code)
    case = home / "tests" / "one"
    case.mkdir(parents=True)
    (case / "input.jsonl").write_text("Arion;30\ntest;1\nArion;5.5\nArion;far\n")
    with (home / "application.toml").open("a") as file:
        file.write('[preprocessor]\npython = "preprocess:handler"\n')
    run = ("sql", "run", str(home), "--input", str(case / "input.jsonl"))
    for flags in ((), ("--preprocess", "preprocess:handler")):
        with pytest.raises(SystemExit) as caught:
            cli.main([*run, *flags])
        shown = capsysbinary.readouterr()
        assert caught.value.code == 0
        assert b'"Name":"Arion"' in shown.out
        assert b'"Distance":36,' in shown.out
        assert b"error_stream: 1; the first because: preprocess:handler: ValueError" in shown.err
    output = ("--output", "error_stream", "--output", "DESTINATION_SQL_STREAM")
    with pytest.raises(SystemExit):
        cli.main([*run, *output])
    (case / "expected.jsonl").write_bytes(capsysbinary.readouterr().out)
    with pytest.raises(SystemExit) as caught:
        cli.main(["sql", "test", str(home)])
    assert (caught.value.code, capsysbinary.readouterr().out) == (0, b"1 cases, all right\n")
