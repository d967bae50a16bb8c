"""What the input is called, and how many streams it has."""

from dataclasses import replace

import pytest

from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application, SourceColumn
from analytics_sql.types import BIGINT
from fleet.errors import SqlErrors

SCHEMA = InputSchema((SourceColumn("BIG", BIGINT, ("big",)),))


def _compiled(*read: str, source_name: str | None = None) -> Application:
    pumps = "".join(
        f"CREATE PUMP P{i} AS INSERT INTO D SELECT BIG FROM {name};" for i, name in enumerate(read)
    )
    text = f"CREATE STREAM D (A BIGINT); CREATE STREAM E_001 (BIG BIGINT); {pumps}"
    return compile_application(text, name="x", schema=SCHEMA, source_name=source_name)


@pytest.mark.parametrize(
    ("read", "names"),
    [
        (["source_sql_stream_001"], ["SOURCE_SQL_STREAM_001"]),
        (['"SOURCE_SQL_STREAM_001"'], ["SOURCE_SQL_STREAM_001"]),
        # A NamePrefix of its own, in the case that it has there.
        (['"firehose_001"'], ["firehose_001"]),
        (['"AnalyticsApp_001"'], ["AnalyticsApp_001"]),
        (["STORE_REVENUE_PER_MIN_001"], ["STORE_REVENUE_PER_MIN_001"]),
        # InputParallelism.
        (
            ["source_sql_stream_002", "source_sql_stream_001", "source_sql_stream_002"],
            ["SOURCE_SQL_STREAM_001", "SOURCE_SQL_STREAM_002"],
        ),
        (['"in_064"', '"in_003"'], ["in_003", "in_064"]),
        # A stream that the application creates is no input, whatever it is called.
        (["E_001", "S_001"], ["S_001"]),
        (["E_001"], ["SOURCE_SQL_STREAM_001"]),
    ],
)
def test_names_come_from_the_text(read: list[str], names: list[str]) -> None:
    assert [source.name for source in _compiled(*read).sources] == names


def test_the_schema_or_the_caller_can_name_it() -> None:
    for name in ("S", "in_001"):
        assert [s.name for s in _compiled(f'"{name}"', source_name=name).sources] == [name]
    both = _compiled('"in_002"', '"in_001"', source_name="in_001").sources
    assert [source.name for source in both] == ["in_001", "in_002"]


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (['"source_sql_stream_001"'], 'there is no stream "source_sql_stream_001"'),
        (["SOURCE_SQL_STERAM_001"], "there is no stream SOURCE_SQL_STERAM_001"),
        (["SOURCE_SQL_STREAM"], "there is no stream SOURCE_SQL_STREAM"),
        (["A_001", "B_001"], "there is no stream B_001"),
        (["A_065"], "there is no stream A_065"),
        (["A_000"], "there is no stream A_000"),
    ],
)
def test_names_that_are_none(read: list[str], message: str) -> None:
    with pytest.raises(SqlErrors) as caught:
        _compiled(*read)
    assert [str(error) for error in caught.value.errors] == [message]


@pytest.mark.parametrize(
    ("shard_id", "name"),
    [
        ("shardId-000000000000", "IN_001"),
        ("shardId-000000000001", "IN_002"),
        ("shardId-000000000005", "IN_003"),
        ("shardId-000000000006", "IN_001"),
        ("a", "IN_001"),
    ],
)
def test_shards_are_dealt_out(shard_id: str, name: str) -> None:
    assert _compiled("IN_001", "IN_002", "IN_003").source_of(shard_id).name == name


def test_an_input_that_no_pump_reads_takes_none() -> None:
    application = _compiled("IN_001", "IN_002", "IN_003")
    fewer = replace(application, pumps=application.pumps[1:])
    assert [source.name for source in fewer.sources_read] == ["IN_002", "IN_003"]
    assert fewer.source_of("shardId-000000000000").name == "IN_002"
    assert fewer.source_of("shardId-000000000003").name == "IN_003"


def test_one_input_takes_all_shards() -> None:
    application = _compiled("IN_001")
    assert application.source_of("shardId-000000000005").name == "IN_001"
