"""The sinks of the given settings, and the creation of what they write to."""

from collections.abc import Callable
from pathlib import Path

import pytest

from awsio.clients import AwsClients
from awsio.retry import OnWait
from fleet.errors import ConfigError
from fleet.settings import AwsSettings
from sinks.base import DeadLetterSink, RecordSink, RowSink
from sinks.output import Output
from sinks.output_kinds import EXAMPLES, OUTPUT_KINDS
from sinks.parquet_folder import ParquetFolder
from sinks.registry import (
    LOCAL_BUCKET,
    RECORD_SINKS,
    SinkSettings,
    archive_bucket,
    create_resources,
    dead_letter_sink,
    record_sinks,
    row_sinks,
)
from sinks.row_columns import RowColumn
from sinks.row_file import RowFile
from sinks.row_kinds import ROW_SINKS

LOCAL = AwsSettings("http://127.0.0.1:4566", "us-east-1")


def ignore(_name: str) -> OnWait:
    return lambda _reason, _seconds: None


def settings(path: Path, *names: str, stem: str = "x") -> SinkSettings:
    return SinkSettings(
        path,
        stem,
        outputs=tuple(
            Output(name, stem, dict.fromkeys(OUTPUT_KINDS[name].required, "x"))
            for name in names
            if name not in RECORD_SINKS
        ),
        records=tuple(name for name in names if name in RECORD_SINKS),
    )


async def test_by_default_every_sink_is_on(tmp_path: Path) -> None:
    default = SinkSettings(tmp_path / "letters", "bucket")
    async with AwsClients(LOCAL) as aws:
        rows = row_sinks(default, aws, ignore)
        records = record_sinks(default, aws, ignore)
    assert [sink.name for sink in rows] == ["dynamodb", "kinesis"]
    assert [sink.name for sink in records] == ["archive"]
    assert all(isinstance(sink, RowSink) for sink in rows)
    assert all(isinstance(sink, RecordSink) for sink in records)
    assert isinstance(dead_letter_sink(default, ignore), DeadLetterSink)


async def test_each_can_be_left_out(tmp_path: Path) -> None:
    async with AwsClients(LOCAL) as aws:
        for name in (*ROW_SINKS, *RECORD_SINKS):
            only = settings(tmp_path, name)
            made = [*row_sinks(only, aws, ignore), *record_sinks(only, aws, ignore)]
            assert [sink.name for sink in made] == [name]


def test_no_sink_of_records_has_the_name_of_one_of_rows() -> None:
    """Metrics and waits go by the name."""
    assert not set(ROW_SINKS) & set(RECORD_SINKS)


def test_each_sink_of_rows_has_its_url() -> None:
    assert ROW_SINKS.keys() == OUTPUT_KINDS.keys()


async def test_each_waits_under_its_own_name(tmp_path: Path) -> None:
    asked = []

    def waits(name: str) -> OnWait:
        asked.append(name)
        return ignore(name)

    default = SinkSettings(tmp_path, "bucket")
    async with AwsClients(LOCAL) as aws:
        row_sinks(default, aws, waits)
        record_sinks(default, aws, waits)
    assert asked == ["dynamodb", "kinesis", "archive"]


async def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    wrong = SinkSettings(
        tmp_path,
        "bucket",
        outputs=(
            Output("dynamo", "Table"),
            Output("dynamodb", "Table", {"writes": "quick", "speed": "high"}),
            Output("kinesis", "alarms"),
        ),
        records=("shelf",),
    )
    async with AwsClients(LOCAL) as aws:
        with pytest.raises(ConfigError) as error:
            row_sinks(wrong, aws, ignore)
        with pytest.raises(ConfigError):
            record_sinks(wrong, aws, ignore)
        with pytest.raises(ConfigError):
            await create_resources(wrong, aws)
    assert str(error.value).split("; ") == [
        "dynamo://Table: there is no sink dynamo",
        "dynamodb://Table: writes is conditional or batched, not 'quick'",
        "dynamodb://Table: dynamodb has no option speed (it has: writes, ttl)",
        "there is no sink shelf",
    ]
    assert error.value.remedy == f"rows go to {EXAMPLES}; raw records to archive, firehose_archive"
    assert "dynamodb://TABLE, kinesis://STREAM, firehose://DELIVERY_STREAM" in EXAMPLES


async def test_an_output_without_what_it_needs(tmp_path: Path) -> None:
    for output, fault in (
        (Output("postgresql", "me:hay@db/r"), "postgresql needs the option table"),
        (Output("postgresql", "me:hay@[db/r", {"table": "t"}), "is no URL of PostgreSQL"),
    ):
        async with AwsClients(LOCAL) as aws:
            with pytest.raises(ConfigError, match=fault) as error:
                row_sinks(SinkSettings(tmp_path, "b", outputs=(output,)), aws, ignore)
        assert "hay" not in f"{error.value}{error.value.remedy}"


async def test_files_go_by_their_format_and_their_name(tmp_path: Path) -> None:
    n = [RowColumn("N", "BIGINT")]

    def of(*outputs: Output) -> SinkSettings:
        return SinkSettings(
            tmp_path, "bucket", outputs=outputs, streams={"A": n, "B": n}, output_streams={"B"}
        )

    async with AwsClients(LOCAL) as aws:
        outputs = [Output("file", "rows.jsonl"), Output("file", "rows", {"format": "parquet"}, "A")]
        lines, parquet = row_sinks(of(*outputs), aws, ignore)
        assert isinstance(lines, RowFile)
        assert isinstance(parquet, ParquetFolder)
        assert of().taken(outputs[0]) == {"B": n}
        assert of().taken(outputs[1]) == {"A": n}
        twice = of(Output("file", "rows.jsonl", stream="A"), Output("file", "./rows.jsonl"))
        with pytest.raises(ConfigError, match=r"rows\.jsonl: 2 outputs have one file"):
            row_sinks(twice, aws, ignore)
        own = SinkSettings(
            tmp_path,
            "bucket",
            outputs=(outputs[1],),
            streams={"A": [RowColumn("row_id", "BIGINT")]},
        )
        with pytest.raises(ConfigError, match="A has a column row_id"):
            row_sinks(own, aws, ignore)


async def test_what_is_missing_is_created_once(
    tmp_path: Path,
    aws: AwsClients,
    kinesis_aws: AwsClients,
    fresh_name: Callable[[str], str],
) -> None:
    stem = fresh_name("resource")
    stored = settings(tmp_path, "dynamodb", "archive", stem=stem)
    assert await create_resources(stored, aws) == [f"table {stem}", f"bucket {stem}"]
    assert await create_resources(stored, aws) == []
    streamed = settings(tmp_path, "kinesis", stem=stem)
    assert await create_resources(streamed, kinesis_aws) == [f"stream {stem}"]
    assert await create_resources(streamed, kinesis_aws) == []
    for sink in row_sinks(settings(tmp_path, "dynamodb", stem=stem), aws, ignore):
        await sink.open()
    for record_sink in record_sinks(stored, aws, ignore):
        await record_sink.open({})


def test_only_a_local_endpoint_has_a_default_bucket() -> None:
    assert archive_bucket(LOCAL, None) == LOCAL_BUCKET
    assert archive_bucket(LOCAL, "mine") == "mine"
    assert archive_bucket(AwsSettings(region="us-east-1"), "mine") == "mine"
    with pytest.raises(ConfigError, match="no bucket for the raw archive") as error:
        archive_bucket(AwsSettings(region="us-east-1"), None)
    assert "--archive-bucket" in str(error.value.remedy)
