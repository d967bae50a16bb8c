"""A sound run passes; each way of breaking it is caught, and named so that it can be found."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from analytics_sql.event_time import with_event_time
from analytics_sql.plan import EventTime
from awsio.put_records import Ack, Entry
from fleet.errors import ConfigError, ResourceMissing
from fleet.timestamp import timestamp_ms, timestamp_text
from simulator.ledger import Header, Ledger
from sinks.archive_compaction import Compaction
from sinks.archive_hour import list_hours
from sinks.archive_layout import manifest_key
from sinks.archive_settings import ArchiveSettings, Column
from sinks.archive_store import S3Store
from tests.wildrydes.verification.world import READINGS, UNICORNS, Services, World, mistakes, named
from wildrydes.verification.report import is_empty, last_word, verdict_json

LEDGER, ARCHIVE = "ledger vs stream", "stream vs archive"
SUMMARY, TABLE, LETTERS = "windows vs summary stream", "windows vs DynamoDB", "dead letters"
ROWS = 3 * len(UNICORNS)
SENT = READINGS * len(UNICORNS)


def only_example(verdict: Any, name: str) -> Any:
    [example] = named(verdict, name).examples
    return example


async def test_a_sound_run_passes(world: World) -> None:
    verdict = await world.verify()
    assert mistakes(verdict) == {}
    assert {c.name: (c.expected, c.found) for c in verdict.comparisons} == {
        LEDGER: (SENT, SENT),
        ARCHIVE: (SENT + 2, SENT + 2),
        SUMMARY: (ROWS, ROWS),
        TABLE: (ROWS, ROWS),
        LETTERS: (2, 2),
    }
    assert last_word(verdict) == "all right"
    assert json.loads(json.dumps(verdict_json(verdict)))["ok"] is True


async def test_a_row_deleted_from_the_table(world: World) -> None:
    gone = world.items()[5]
    key = {name: gone[name] for name in ("Name", "StatusTime")}
    world.dynamodb.delete_item(TableName=world.table, Key=key)
    verdict = await world.verify(parts=["table"])
    assert mistakes(verdict) == {TABLE: {"missing": 1}}
    example = only_example(verdict, TABLE)
    assert json.loads(example.where["row"]) == {name: key[name]["S"] for name in key}
    assert json.loads(example.expected)["Distance"] == int(gone["Distance"]["N"])
    assert "WRONG: 1 in windows vs DynamoDB" in last_word(verdict)


async def test_a_row_changed_by_one_digit(world: World) -> None:
    item = world.items()[3]
    changed = {**item, "Distance": {"N": str(int(item["Distance"]["N"]) + 1)}}
    world.dynamodb.put_item(TableName=world.table, Item=changed)
    verdict = await world.verify(parts=["table"])
    assert mistakes(verdict) == {TABLE: {"different": 1}}
    example = only_example(verdict, TABLE)
    expected, got = json.loads(example.expected), json.loads(example.got)
    assert got["Distance"] == expected["Distance"] + 1
    assert {**got, "Distance": 0} == {**expected, "Distance": 0}


async def test_a_row_too_many(world: World) -> None:
    world.dynamodb.put_item(
        TableName=world.table, Item={**world.items()[0], "Name": {"S": "Rocinante"}}
    )
    verdict = await world.verify(parts=["table"])
    assert mistakes(verdict) == {TABLE: {"extra": 1}}
    assert "Rocinante" in only_example(verdict, TABLE).where["row"]


async def test_a_row_of_a_window_that_is_open_is_not_judged(world: World) -> None:
    later = timestamp_text(world.clock.now_ms() + 60_000)
    item = {**world.items()[0], "StatusTime": {"S": later}}
    world.dynamodb.put_item(TableName=world.table, Item=item)
    assert mistakes(await world.verify(parts=["table"])) == {}


async def test_an_object_deleted_from_the_archive(world: World) -> None:
    key = world.objects()[1]
    lost = len(world.lines(key))
    world.s3.delete_object(Bucket=world.bucket, Key=key)
    verdict = await world.verify(parts=["archive"])
    assert mistakes(verdict) == {ARCHIVE: {"missing": lost}}
    example = named(verdict, ARCHIVE).examples[0]
    assert example.where["shard"] in key
    assert example.where["sequence_number"] in key


async def test_an_object_copied_under_another_name(world: World) -> None:
    key = world.objects()[0]
    copy = key.replace(".json.gz", "0.json.gz")
    world.write_object(copy, world.lines(key))
    verdict = await world.verify(parts=["archive"])
    assert mistakes(verdict) == {ARCHIVE: {"repeated": len(world.lines(key))}}
    assert verdict.wrong
    where = named(verdict, ARCHIVE).examples[0].where["objects"]
    assert key in where
    assert copy in where


async def test_a_reading_changed_in_the_archive(world: World) -> None:
    key = world.objects()[0]
    lines = world.lines(key)
    changed = lines[2].replace(b'"Distance": 2', b'"Distance": 3')
    world.write_object(key, [*lines[:2], changed, *lines[3:]])
    verdict = await world.verify(parts=["archive"])
    assert mistakes(verdict) == {ARCHIVE: {"different": 1}}
    example = only_example(verdict, ARCHIVE)
    assert (example.where["object"], example.where["line"]) == (key, "3")
    assert (example.expected, example.got) == (lines[2].decode(), changed.decode())


async def test_a_reading_twice_in_the_archive(world: World) -> None:
    key = world.objects()[0]
    lines = world.lines(key)
    world.write_object(key, [lines[0], *lines])
    verdict = await world.verify(parts=["archive"])
    assert mistakes(verdict) == {ARCHIVE: {"repeated": 1}}
    assert only_example(verdict, ARCHIVE).got == lines[0].decode()


async def test_what_is_no_object_of_an_archive(world: World) -> None:
    world.s3.put_object(Bucket=world.bucket, Key=world.objects()[0], Body=b"no GZIP")
    world.write_object("readings/year=2026/copy.json.gz", [b"{}"])
    verdict = await world.verify(parts=["archive"])
    assert mistakes(verdict)[ARCHIVE]["extra"] == 2
    assert "it cannot be read: Not a gzipped file" in json.dumps(verdict_json(verdict))


async def test_an_archive_that_was_compacted(world: World) -> None:
    bucket = f"{world.bucket}-compacted"
    await world.archive_into(bucket)
    store = S3Store(world.aws, bucket)
    [hour_ms] = await list_hours(store)
    done = await Compaction(store, keep_originals=True).compact(hour_ms, world.clock.now_ms())
    verdict = await world.verify(archive_bucket=bucket, parts=["archive"])
    assert mistakes(verdict) == {}
    assert named(verdict, ARCHIVE).found == SENT + 2
    # The originals are still there and do not count; the control: without the manifest all does.
    assert done.objects_after < done.objects_before
    world.s3.delete_object(Bucket=bucket, Key=manifest_key(hour_ms))
    world.s3.delete_object(Bucket=bucket, Key=world.objects(bucket)[0])
    verdict = await world.verify(archive_bucket=bucket, parts=["archive"])
    assert set(mistakes(verdict)[ARCHIVE]) == {"missing"}


async def test_an_archive_in_parquet(world: World) -> None:
    columns = tuple(Column(name, "DOUBLE", (name,)) for name in ("Distance", "Latitude"))
    bucket = f"{world.bucket}-parquet"
    await world.archive_into(bucket, ArchiveSettings("parquet", columns=columns))
    verdict = await world.verify(archive_bucket=bucket, parts=["archive"])
    assert mistakes(verdict) == {}
    assert named(verdict, ARCHIVE).found == SENT + 2
    key = world.objects(bucket)[0]
    world.s3.put_object(Bucket=bucket, Key=key, Body=b"PAR1")
    verdict = await world.verify(archive_bucket=bucket, parts=["archive"])
    assert set(mistakes(verdict)[ARCHIVE]) == {"missing", "extra"}


async def test_a_row_missing_from_the_summary_stream(world: World) -> None:
    """A stream cannot lose one: another stream that got all rows but one."""
    fewer = await world.summary_of((await world.rows())[1:])
    verdict = await world.verify(summary_stream=fewer, parts=["summary"])
    assert mistakes(verdict) == {SUMMARY: {"missing": 1}}


async def test_two_rows_for_one_window_in_the_summary_stream(world: World) -> None:
    rows = await world.rows()
    key, data = rows[0]
    row = json.loads(data)
    wrong = json.dumps({**row, "Distance": row["Distance"] - 1}).encode()
    more = await world.summary_of([*rows, (key, wrong)])
    verdict = await world.verify(summary_stream=more, parts=["summary"])
    assert mistakes(verdict) == {SUMMARY: {"different": 1}}
    example = only_example(verdict, SUMMARY)
    assert json.loads(example.expected)["Distance"] == row["Distance"]
    assert json.loads(example.got)["Distance"] == row["Distance"] - 1
    assert "shardId-" in example.where["place"]


async def test_a_repeat_in_the_summary_stream_is_counted_and_allowed(world: World) -> None:
    rows = await world.rows()
    more = await world.summary_of([*rows, rows[2]])
    verdict = await world.verify(summary_stream=more, parts=["summary"])
    assert mistakes(verdict) == {SUMMARY: {"repeated": 1}}
    assert not verdict.wrong


async def test_what_is_no_row_in_the_summary_stream(world: World) -> None:
    more = await world.summary_of([*await world.rows(), ("k", b"\xff{")])
    verdict = await world.verify(summary_stream=more, parts=["summary"])
    assert mistakes(verdict) == {SUMMARY: {"extra": 1}}


async def test_an_acknowledged_reading_that_is_not_in_the_stream(world: World) -> None:
    with Ledger(world.ledger, Header(1, world.stream, 7, 1, "0")) as ledger:
        ledger.enter(
            Entry("Bucephalus", b'{"Name":"Bucephalus"}'), Ack("shardId-000000000000", "4")
        )
    verdict = await world.verify(parts=[])
    assert mistakes(verdict) == {LEDGER: {"missing": 1}}
    where = only_example(verdict, LEDGER).where
    assert (where["shard"], where["sequence_number"]) == ("shardId-000000000000", "4")


async def test_a_reading_that_is_not_as_it_was_sent(world: World) -> None:
    text = world.ledger.read_text()
    world.ledger.write_text(text.replace('"MagicPoints": 153', '"MagicPoints": 154', 1))
    verdict = await world.verify(parts=[])
    assert mistakes(verdict) == {LEDGER: {"different": 1}}
    example = only_example(verdict, LEDGER)
    assert '"MagicPoints": 154' in example.expected
    assert '"MagicPoints": 153' in example.got


async def test_a_put_that_was_repeated_is_no_mistake(services: Services, tmp_path: Path) -> None:
    """Its first answer was lost, so the ledger has the second record only; and one landed of which
    nobody heard.
    """
    world = World(services, tmp_path, 2)
    await world.create()
    await world.ride(poison=())
    lines = world.ledger.read_text().splitlines(keepends=True)
    twice = (await asyncio.to_thread(world.records, world.stream))[0]
    await world.put(twice["PartitionKey"], twice["Data"])
    world.ledger.write_text("".join(line for line in lines if line != lines[2]))
    verdict = await world.verify(parts=[], letters=None)
    comparison = named(verdict, LEDGER)
    assert not verdict.wrong
    assert comparison.expected == comparison.found == SENT - 1
    assert comparison.counts["repeated"] == 1
    assert comparison.not_judged.total() == 1


async def test_letters_that_are_missing_doubled_or_too_many(world: World) -> None:
    first, second = world.letters.read_text().splitlines(keepends=True)
    sound = (await asyncio.to_thread(world.records, world.stream))[0]
    other = {**json.loads(first), "sequence_number": sound["SequenceNumber"]}
    world.letters.write_text(second + second + json.dumps(other) + "\n")
    verdict = await world.verify(parts=[])
    assert mistakes(verdict) == {LETTERS: {"missing": 1, "repeated": 1, "extra": 1}}


async def test_without_letters_poison_is_counted_and_not_judged(world: World) -> None:
    comparison = named(await world.verify(letters=None, parts=[]), LETTERS)
    assert (comparison.expected, comparison.not_judged.total(), comparison.wrong) == (2, 2, 0)


async def test_nothing_is_judged_before_a_window_has_ended(world: World) -> None:
    verdict = await world.verify(ledgers=[], settle_ms=3_600_000)
    assert is_empty(verdict)
    assert "nothing to judge" in last_word(verdict)
    assert mistakes(verdict) == {}
    # The ledger can be judged already, and says nothing about windows.
    with_ledger = await world.verify(settle_ms=3_600_000)
    assert named(with_ledger, LEDGER).found == SENT
    assert is_empty(with_ledger)


async def test_judging_from_a_time_on(world: World) -> None:
    items = world.items()
    for item in items[: len(UNICORNS)]:
        key = {name: item[name] for name in ("Name", "StatusTime")}
        world.dynamodb.delete_item(TableName=world.table, Key=key)
    verdict = await world.verify(parts=["table"])
    assert mistakes(verdict) == {TABLE: {"missing": len(UNICORNS)}}
    second_ms = timestamp_ms(items[len(UNICORNS)]["StatusTime"]["S"]) - 60_000
    later = await world.verify(since_ms=second_ms, parts=["table"])
    assert mistakes(later) == {}
    assert named(later, TABLE).found == ROWS - len(UNICORNS)


async def test_places_that_are_not_there(world: World) -> None:
    with pytest.raises(ResourceMissing, match="there is no stream none"):
        await world.verify(stream="none", ledgers=[])
    with pytest.raises(ResourceMissing, match="there is no bucket none"):
        await world.verify(archive_bucket="none")
    with pytest.raises(ResourceMissing, match="there is no table none"):
        await world.verify(table="none", parts=["table"])
    with pytest.raises(ConfigError, match=f"ledger of stream {world.stream}, not of rides"):
        await world.verify(stream="rides")


async def test_a_table_with_another_key_is_not_judged(world: World) -> None:
    world.dynamodb.create_table(
        TableName=f"{world.table}-other",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    verdict = await world.verify(table=f"{world.table}-other")
    assert "keyed by id" in str(named(verdict, TABLE).skipped)
    assert not verdict.wrong


async def test_windows_on_event_time_are_not_judged_and_all_else_is(world: World) -> None:
    plan = with_event_time(world.application, EventTime("StatusTime"))
    verdict = await world.verify(application=plan)
    assert named(verdict, SUMMARY).skipped == "not judged: windows on event time"
    assert named(verdict, TABLE).skipped == "not judged: windows on event time"
    assert named(verdict, ARCHIVE).found == SENT + 2
    assert not verdict.wrong
    assert "as far as it is judged: see windows vs summary stream" in last_word(verdict)
