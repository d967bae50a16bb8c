"""What a service and the way to it can do to a snapshot."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from awsio.clients import AwsClients
from fleet.errors import ConfigError, ResourceMissing, SnapshotCorrupt, Superseded
from processor.snapshot.base import SnapshotStore
from processor.snapshot.place import Place
from tests.processor.snapshot.conftest import APPLICATION
from tests.processor.snapshot.flaky import LosesAnswers, WatchedClients
from tests.processor.snapshot.samples import FIRST, SECOND, large

Reader = Callable[[str, str], Any]


@pytest.fixture
def store(place: Place, aws: AwsClients) -> SnapshotStore:
    return place.open(APPLICATION, aws)


def bucket_keys(s3: Any, place: Place) -> list[str]:
    listing = s3.list_objects_v2(Bucket=place.bucket)
    return [item["Key"] for item in listing.get("Contents", [])]


def states(s3: Any, place: Place) -> list[str]:
    return [key for key in bucket_keys(s3, place) if "/state/" in key]


async def test_a_write_whose_answer_was_lost_is_known_to_be_ours(
    place: Place, aws: AwsClients
) -> None:
    loses = LosesAnswers("put_item", "put_object")
    waits: list[str] = []
    store = place.open(
        APPLICATION,
        WatchedClients(aws, loses),
        on_wait=lambda reason, seconds: waits.append(reason),
    )
    for snapshot in (FIRST, SECOND, large(FIRST), large(SECOND)):
        await store.save(snapshot)
        assert await store.load() == snapshot
    assert loses.lost >= 4
    assert len(waits) == loses.lost
    assert all("table" in reason or "bucket" in reason for reason in waits)
    await store.set_aside("moved")
    assert await store.load() is None


async def test_a_late_older_write_of_ours_changes_nothing(
    store: SnapshotStore, place: Place, aws: AwsClients
) -> None:
    """The control of the version: the same epoch and writer, but what it saw is gone."""
    late = place.open(APPLICATION, aws)
    late._writer = store._writer  # type: ignore[attr-defined]
    await store.save(FIRST)
    await late.load()
    seen = late._seen  # type: ignore[attr-defined]
    await store.save(SECOND)
    entry = replace(seen, version=seen.version + 1)
    assert not await late._register.replace(entry, seen)  # type: ignore[attr-defined]
    assert await store.load() == SECOND


async def test_another_that_saved_before_our_second_attempt_wins(
    place: Place, aws: AwsClients
) -> None:
    """Our first attempt is lost on the way; by the second another has taken over."""
    newer = replace(SECOND, epoch=2)
    attempts: list[str] = []

    def second_is_lost(name: str, is_done: bool) -> None:
        if name in {"put_item", "put_object"} and not is_done:
            attempts.append(name)
            if len(attempts) == 2:
                raise TimeoutError

    store = place.open(APPLICATION, WatchedClients(aws, second_is_lost))
    other = place.open(APPLICATION, aws)
    await store.save(FIRST)
    await other.save(newer)
    with pytest.raises(Superseded):
        await store.save(SECOND)
    assert len(attempts) == 3
    assert await other.load() == newer


async def test_a_table_with_another_key_is_an_error_with_a_remedy(
    aws: AwsClients, reader: Reader, moto_url: str, fresh_name: Callable[[str], str]
) -> None:
    table = fresh_name("rides")
    reader("dynamodb", moto_url).create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "Name", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "Name", "KeyType": "HASH"}],
    )
    with pytest.raises(ConfigError, match="cannot hold snapshots") as caught:
        await Place(table=table, bucket="any").open(APPLICATION, aws).load()
    assert "`application`" in (caught.value.remedy or "")


async def test_a_damaged_newest_is_reported_and_the_one_before_is_used(
    store: SnapshotStore,
    place: Place,
    aws: AwsClients,
    reader: Reader,
    moto_url: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    s3 = reader("s3", moto_url)
    await store.save(large(FIRST))
    before = set(states(s3, place))
    await store.save(large(SECOND))
    (newest,) = set(states(s3, place)) - before
    s3.put_object(Bucket=place.bucket, Key=newest, Body=b"wildrydes snapshot 2\ndamaged")
    other = place.open(APPLICATION, aws)
    with caplog.at_level(logging.ERROR):
        assert await other.load() == large(FIRST)
    assert "damaged" in caplog.text
    # The next save keeps the whole one as the one before it.
    await other.save(replace(large(SECOND), epoch=2))
    (latest,) = {key for key in states(s3, place) if "/000000000002-" in key}
    s3.delete_object(Bucket=place.bucket, Key=latest)
    assert await place.open(APPLICATION, aws).load() == large(FIRST)
    s3.delete_object(Bucket=place.bucket, Key=before.pop())
    with pytest.raises(SnapshotCorrupt, match="not there") as caught:
        await place.open(APPLICATION, aws).load()
    assert "--state discard" in (caught.value.remedy or "")


async def test_an_object_that_was_loaded_is_not_fetched_again(
    store: SnapshotStore, place: Place, aws: AwsClients, reader: Reader, moto_url: str
) -> None:
    """A start loads before its claim and after it."""
    s3 = reader("s3", moto_url)
    await store.save(large(FIRST))
    other = place.open(APPLICATION, aws)
    assert await other.load() == large(FIRST)
    (key,) = states(s3, place)
    whole = s3.get_object(Bucket=place.bucket, Key=key)["Body"].read()
    s3.delete_object(Bucket=place.bucket, Key=key)
    await other.claim(2)
    assert await other.load() == large(FIRST)
    # What the holder has saved in between is another object.
    s3.put_object(Bucket=place.bucket, Key=key, Body=whole)
    third = place.open(APPLICATION, aws)
    await third.load()
    await other.save(replace(large(SECOND), epoch=2))
    assert await third.load() == replace(large(SECOND), epoch=2)


async def test_objects_that_nobody_needs_are_removed_and_no_others(
    store: SnapshotStore, place: Place, aws: AwsClients, reader: Reader, moto_url: str
) -> None:
    s3 = reader("s3", moto_url)
    for number in range(5):
        await store.save(large(replace(FIRST, saved_ms=number)))
    assert len(states(s3, place)) == 2
    home = f"{place.prefix}{APPLICATION}/state/"
    s3.put_object(Bucket=place.bucket, Key=f"{home}{1:012d}-left-by-a-crash", Body=b"")
    s3.put_object(Bucket=place.bucket, Key=f"{home}{3:012d}-of-a-newer-epoch", Body=b"")
    other = place.open(APPLICATION, aws)
    assert await other.load() == large(replace(FIRST, saved_ms=4))
    await other.save(large(replace(FIRST, saved_ms=5, epoch=2)))
    kept = [key.removeprefix(home)[:13] for key in states(s3, place)]
    assert kept == ["000000000001-", "000000000002-", "000000000003-"]


async def test_what_is_set_aside_is_kept_whole(
    store: SnapshotStore, place: Place, aws: AwsClients, reader: Reader, moto_url: str
) -> None:
    s3 = reader("s3", moto_url)
    await store.save(large(FIRST))
    data = s3.get_object(Bucket=place.bucket, Key=states(s3, place)[0])["Body"].read()
    home = await store.set_aside("the stream is gone")
    assert "set" in home
    for number in range(3):
        await store.save(large(replace(FIRST, saved_ms=number, epoch=number + 2)))
    (aside,) = [key for key in states(s3, place) if "/state/set-aside-" in key]
    assert s3.get_object(Bucket=place.bucket, Key=aside)["Body"].read() == data


async def test_applications_in_one_place_do_not_meet(place: Place, aws: AwsClients) -> None:
    one, two = place.open("one", aws), place.open("two", aws)
    await one.save(large(FIRST))
    await two.save(large(SECOND))
    await two.set_aside("gone")
    assert await one.load() == large(FIRST)
    assert await two.load() is None


async def test_a_missing_table_or_bucket_is_an_error_with_a_remedy(aws: AwsClients) -> None:
    for place in (Place(bucket="not-there"), Place(table="not-there", bucket="not-there")):
        with pytest.raises(
            ResourceMissing, match=r"there is no (table|bucket) not-there"
        ) as caught:
            await place.open(APPLICATION, aws).load()
        assert "--create-missing" in (caught.value.remedy or "")


async def test_throttling_and_outages_are_waited_out_visibly(
    place: Place, aws: AwsClients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awsio.retry.FIRST_CAP_S", 0.0)
    waits: list[str] = []
    codes = ["ThrottlingException", "SlowDown", "InternalServerError", "ServiceUnavailable"] * 2

    def fails(name: str, is_done: bool) -> None:
        if codes and not is_done:
            raise ClientError({"Error": {"Code": codes.pop(), "Message": "not now"}}, name)

    store = place.open(
        APPLICATION,
        WatchedClients(aws, fails),
        on_wait=lambda reason, seconds: waits.append(reason),
    )
    await store.save(large(FIRST))
    assert await place.open(APPLICATION, aws).load() == large(FIRST)
    assert len(waits) == 8
    assert all("not now" in reason and place.bucket in reason for reason in waits if place.bucket)
