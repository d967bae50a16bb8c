"""The front door: whatever goes wrong is a sentence and a remedy, never a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from fleet.errors import ConfigError, ResourceMissing, StopCutShort, Superseded
from tests.wildrydes.running import Running, client
from wildrydes import cli


def test_what_failed_side_by_side_is_shown_one_by_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        missing = ResourceMissing("there is no table", remedy="make one")
        raise ExceptionGroup("tasks", [ExceptionGroup("more", [missing]), ConfigError("bad port")])

    monkeypatch.setattr(cli.wildrydes, "main", fail)
    with pytest.raises(SystemExit) as caught:
        cli.main([])
    assert caught.value.code == 1
    shown = capsys.readouterr().err
    assert shown == "wildrydes: there is no table\n  make one\nwildrydes: bad port\n"


@pytest.mark.parametrize("together", [False, True])
def test_what_aws_says_is_a_sentence_too(
    together: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {"Error": {"Code": "ValidationException", "Message": "1 error: too long"}}

    def fail(**_: object) -> None:
        refused = ClientError(said, "CreateTable")
        raise ExceptionGroup("tasks", [refused]) if together else refused

    monkeypatch.setattr(cli.wildrydes, "main", fail)
    with pytest.raises(SystemExit) as caught:
        cli.main([])
    assert caught.value.code == 1
    assert "(ValidationException)" in (shown := capsys.readouterr().err)
    assert shown.endswith("CreateTable operation: 1 error: too long\n")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("bad port"), 1),
        (Superseded("another took over"), 3),
        (StopCutShort("not finished"), 5),
        (ExceptionGroup("tasks", [ConfigError("bad port"), StopCutShort("not finished")]), 5),
        (ExceptionGroup("tasks", [StopCutShort("not finished"), Superseded("gone")]), 3),
    ],
)
def test_what_a_service_manager_tells_apart_has_a_code_of_its_own(
    error: Exception, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(cli.wildrydes, "main", fail)
    with pytest.raises(SystemExit) as caught:
        cli.main([])
    assert caught.value.code == code


def test_a_mistake_of_ours_is_not_hidden_in_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise ExceptionGroup("tasks", [ConfigError("bad port"), KeyError("ours")])

    monkeypatch.setattr(cli.wildrydes, "main", fail)
    with pytest.raises(ExceptionGroup):
        cli.main([])


HELP_OF_EVERY_COMMAND = """
import sys
import click
from click.testing import CliRunner
from wildrydes.cli import wildrydes

def ask(command, words):
    assert CliRunner().invoke(wildrydes, [*words, "--help"]).exit_code == 0, words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            ask(command.get_command(context, name), [*words, name])

ask(wildrydes, [])
print(sum(name.startswith("wildrydes.commands.") for name in sys.modules))
print(sorted({"aiobotocore", "aiohttp", "botocore", "duckdb", "moto", "numpy"} & set(sys.modules)))
"""


def test_help_waits_for_no_large_library() -> None:
    command = [sys.executable, "-c", HELP_OF_EVERY_COMMAND]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    commands, large = done.stdout.splitlines()
    assert int(commands) > 30
    assert large == "[]"


def test_a_processor_without_its_summary_stream_says_what_to_do(tmp_path: Path) -> None:
    with Running("local", "--port", "0", "--kinesis-only") as local:
        url = local.named("ready")["url"]
        client("kinesis", url).create_stream(StreamName="wildrydes", ShardCount=1)
        flags = ["--endpoint-url", url, "--port", "0", "--data", str(tmp_path)]
        with Running("processor", "--sinks", "kinesis", *flags) as processor:
            assert processor.wait() == 1
            processor.rest()
    assert "there is no stream wildrydes-summary" in processor.errors
    assert "--create-missing" in processor.errors
    assert "Traceback" not in processor.errors
