"""`wildrydes archive` over folders and a real local stream: what was archived, and nothing else."""

import base64
import json
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import duckdb
import pytest

from analytics_sql.application_file import WORKSHOP, workshop_application
from tests.sinks.archived import (
    AS_JSON,
    AS_PARQUET,
    HOUR_MS,
    START_MS,
    Sent,
    history,
    in_order,
    objects_of,
)
from tests.wildrydes.kinesis_endpoint import kinesis_endpoint
from tests.wildrydes.running import client
from wildrydes.cli import main
from wildrydes.trial.record_file import FileRecord
from wildrydes.trial.row_text import RowText
from wildrydes.trial.trial import Trial

Archive = Callable[..., tuple[int, str, str]]
"""Runs `wildrydes archive`; returns exit code, standard output, standard error."""
POISON = {b"\xff poison", b"", b'{"a":1,"a":2}'}


@pytest.fixture
def archive(capfd: pytest.CaptureFixture[str]) -> Archive:
    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["archive", *arguments])
        output, errors = capfd.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, output, errors

    return run


def stored(folder: Path, objects: dict[str, bytes]) -> str:
    for key, body in objects.items():
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).write_bytes(body)
    return str(folder)


@pytest.fixture(params=[AS_JSON, AS_PARQUET], ids=["json", "parquet"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return stored(tmp_path / "archive", objects_of(history(1), request.param))


def test_ls_counts_what_was_sent(folder: str, archive: Archive) -> None:
    code, output, _ = archive("ls", "--folder", folder, "--json")
    assert code == 0
    hours = [json.loads(line) for line in output.splitlines()]
    sent = in_order(history(1))
    wanted = [
        (hour, len(list(records)))
        for hour, records in groupby(sent, lambda record: record.arrival_ms // HOUR_MS)
    ]
    assert [hour["readings"] + hour["errors"] for hour in hours] == [count for _, count in wanted]
    assert hours[0]["hour"] == "2026-01-01 00:00"
    _, table, _ = archive("ls", "--folder", folder, "--to", "2026-01-01 01:00")
    assert "1 hours" in table
    assert f"{hours[0]['readings']:,}" in table


def test_get_gives_the_readings_in_order(folder: str, archive: Archive, tmp_path: Path) -> None:
    readings = [record for record in in_order(history(1)) if record.data not in POISON]
    code, output, _ = archive("get", "--folder", folder)
    assert code == 0
    assert output.encode() == b"".join(record.data + b"\n" for record in readings)
    some = [r for r in readings if START_MS + 600_000 <= r.arrival_ms < START_MS + HOUR_MS]
    times = ("--from", "2026-01-01 00:10", "--to", "2026-01-01 01:00")
    out = tmp_path / "some.jsonl"
    assert archive("get", "--folder", folder, *times, "--output", str(out))[0] == 0
    assert out.read_bytes() == b"".join(record.data + b"\n" for record in some)
    assert list(tmp_path.glob(".*")) == []


def test_get_gives_records_as_get_records_returns_them(folder: str, archive: Archive) -> None:
    _, output, _ = archive("get", "--folder", folder, "--format", "records")
    found = [json.loads(line) for line in output.splitlines()]
    assert [
        Sent(
            record["ShardId"],
            record["SequenceNumber"],
            record["PartitionKey"],
            round(record["ApproximateArrivalTimestamp"] * 1000),
            base64.b64decode(record["Data"]),
        )
        for record in found
    ] == in_order(history(1))


def test_get_gives_parquet(folder: str, archive: Archive, tmp_path: Path) -> None:
    out = tmp_path / "all.parquet"
    arguments = ("--folder", folder, "--format", "parquet", "--output", str(out))
    assert archive("get", *arguments)[0] == 0
    readings = [json.loads(r.data) for r in in_order(history(1)) if r.data not in POISON]
    with duckdb.connect() as connection:
        query = f"SELECT count(*), sum(Distance), min(kinesis_arrival)::VARCHAR FROM '{out}'"
        [(count, metres, first)] = connection.sql(query).fetchall()
    assert count == len(readings)
    numbers = [r["Distance"] for r in readings if isinstance(r.get("Distance"), int | float)]
    assert metres == pytest.approx(sum(numbers), rel=1e-12)
    assert first.startswith("2026-01-01 00:0")


def test_an_archive_with_nothing_in_it(tmp_path: Path, archive: Archive) -> None:
    for command in ("ls", "get", "compact"):
        code, _, errors = archive(command, "--folder", str(tmp_path))
        assert code == 1
        assert "there are no archived records" in errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ls", "--last", "1h", "--from", "2026-01-01"), "--last or --from"),
        (("ls", "--from", "2026-01-02", "--to", "2026-01-01"), "--from has to be before --to"),
        (("ls", "--folder", ".", "--archive-bucket", "b"), "--archive-bucket or --folder"),
        (("get", "--format", "parquet"), "needs --output"),
        (("replay",), "give --stream or --app"),
        (("replay", "--stream", "a", "--speed", "fast"), "not a speed"),
        (("replay", "--app", str(WORKSHOP), "--skip", "1"), "go with --stream"),
    ],
)
def test_what_cannot_be_asked(arguments: tuple[str, ...], message: str, archive: Archive) -> None:
    code, _, errors = archive(*arguments)
    assert code == 2
    assert message in errors


def test_compact_and_all_is_as_before(folder: str, archive: Archive) -> None:
    before = archive("get", "--folder", folder, "--format", "records")[1]
    code, output, _ = archive("compact", "--folder", folder)
    assert code == 0
    assert "objects of readings are now 3" in output
    assert archive("get", "--folder", folder, "--format", "records")[1] == before
    assert archive("compact", "--folder", folder)[1].startswith("0 of")


def test_an_hour_that_cannot_be_compacted_does_not_keep_the_others(
    tmp_path: Path, archive: Archive
) -> None:
    objects = objects_of(history(1))
    first = min(key for key in objects if key.startswith("readings/") and "hour=00" in key)
    objects[first] = objects[first][:-5]
    folder = stored(tmp_path / "archive", objects)
    code, output, errors = archive("compact", "--folder", folder)
    assert code == 1
    assert "2026-01-01 00:00: " in errors
    assert "cannot be read" in errors
    assert "2026-01-01 01:00" in output
    assert "1 failed" in output
    assert (Path(folder) / first).exists()


def test_replay_gives_the_rows_of_the_first_time(folder: str, archive: Archive) -> None:
    """The first time: the engine over the records as the stream had them, whole shards at once."""
    records = [
        FileRecord(
            place,
            sent.shard_id,
            sent.sequence_number,
            sent.partition_key,
            sent.arrival_ms,
            sent.data,
            names_shard=True,
        )
        for place, sent in enumerate(record for shard in history(1).values() for record in shard)
    ]
    text = RowText(workshop_application(), ["DESTINATION_SQL_STREAM"])
    first_time = b"".join(
        text.lines(rows) for rows in Trial(workshop_application()).run(records)
    ).decode()
    arguments = ("--app", str(WORKSHOP), "--output", "DESTINATION_SQL_STREAM")
    code, output, errors = archive("replay", "--folder", folder, *arguments)
    assert code == 0
    assert sorted(output.splitlines()) == sorted(first_time.splitlines())
    assert len(output.splitlines()) > 50
    assert f"error_stream: {text.unseen_errors}" in errors
    archive("compact", "--folder", folder)
    assert archive("replay", "--folder", folder, *arguments)[1] == output


def test_the_control_without_arrivals_does_not_give_them(tmp_path: Path, archive: Archive) -> None:
    """An archive of before arrivals were kept: the rows have other minutes, and it says so."""
    objects = objects_of(history(1))
    old = {key: body for key, body in objects.items() if not key.startswith("arrivals/")}
    arguments = ("--app", str(WORKSHOP), "--output", "DESTINATION_SQL_STREAM")
    _, new, _ = archive("replay", "--folder", stored(tmp_path / "new", objects), *arguments)
    code, output, errors = archive("replay", "--folder", stored(tmp_path / "old", old), *arguments)
    assert code == 0
    assert sorted(output.splitlines()) != sorted(new.splitlines())
    assert "their minute is a guess" in errors


def test_replay_into_a_stream(archive: Archive, tmp_path: Path) -> None:
    place = stored(tmp_path / "archive", objects_of(history(2)))
    with kinesis_endpoint() as url:
        kinesis = client("kinesis", url)
        kinesis.create_stream(StreamName="again", ShardCount=2)
        aws = ("--endpoint-url", url, "--folder", place, "--stream", "again")
        code, output, _ = archive("replay", *aws)
        assert code == 0
        sent = in_order(history(2))
        assert f"{len(sent)} records put into again" in output
        skip = len(sent) - 7
        assert "7 records" in archive("replay", *aws, "--skip", str(skip), "--speed", "9999x")[1]
        found: dict[str, list[bytes]] = {}
        for shard in kinesis.list_shards(StreamName="again")["Shards"]:
            iterator = kinesis.get_shard_iterator(
                StreamName="again", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            for record in kinesis.get_records(ShardIterator=iterator)["Records"]:
                found.setdefault(record["PartitionKey"], []).append(record["Data"])
        wanted: dict[str, list[bytes]] = {}
        for record in [*sent, *sent[-7:]]:
            wanted.setdefault(record.partition_key, []).append(record.data)
        assert found == wanted
        code, _, errors = archive("replay", *aws[:-1], "nowhere")
        assert code == 1
        assert "nowhere" in errors
