"""RegisterStreamConsumer, DeregisterStreamConsumer, DescribeStreamConsumer, ListStreamConsumers."""

from typing import Final

from local_kinesis.account import ACCOUNT_ID
from local_kinesis.change_request import (
    ConsumerRequest,
    DeregisterStreamConsumer,
    DescribeStreamConsumer,
    ListStreamConsumers,
    RegisterStreamConsumer,
)
from local_kinesis.consumer import Consumer
from local_kinesis.errors import InvalidArgument, LimitExceeded, ResourceInUse, ResourceNotFound
from local_kinesis.moment import Moment
from local_kinesis.operations.result import Result
from local_kinesis.operations.shards import check_creation
from local_kinesis.operations.tags import checked_tags
from local_kinesis.page_token import PageToken
from local_kinesis.store import Store
from local_kinesis.stream import Stream
from local_kinesis.throughput import Limits

_CONSUMERS_MAX: Final = 20
"""Source: the API reference of RegisterStreamConsumer."""
_CONSUMERS_PAGE: Final = 100


def register_stream_consumer(store: Store, asked: RegisterStreamConsumer, now_ms: int) -> Result:
    """Makes a consumer, which may subscribe when it is ACTIVE."""
    stream = store.find_serving(None, asked.StreamARN, now_ms)
    name = asked.ConsumerName
    if name in stream.consumers:
        raise ResourceInUse(
            f"Consumer {name} of stream {stream.name} under account {ACCOUNT_ID} already exists."
        )
    _check_limits(stream, store.limits)
    # The ARN holds whole seconds, and must not be that of a former consumer of this name.
    created_s = max(now_ms // 1000, stream.newest_consumer_s + 1)
    stream.newest_consumer_s = created_s
    consumer = Consumer(
        name=name,
        arn=f"{stream.arn}/consumer/{name}:{created_s}",
        created_ms=now_ms,
        tags=checked_tags({}, asked.Tags or {}),
    )
    if store.transition_ms:
        consumer.status, consumer.due_ms = "CREATING", now_ms + store.transition_ms
    stream.consumers[name] = consumer
    # What is told to the one who registers is that it is being created, however short that is.
    members = {**_members(consumer), "ConsumerStatus": "CREATING"}
    stream.reschedule()
    store.changed(stream)
    return {"Consumer": members}


def deregister_stream_consumer(
    store: Store, asked: DeregisterStreamConsumer, now_ms: int
) -> Result:
    """Forgets a consumer; its subscriptions end."""
    stream, consumer = _find(store, asked, now_ms)
    if consumer.status != "ACTIVE":
        raise ResourceInUse(
            f"Consumer {consumer.arn} not ACTIVE, instead in state {consumer.status}"
        )
    consumer.status = "DELETING"
    if store.transition_ms:
        consumer.due_ms = now_ms + store.transition_ms
    else:
        del stream.consumers[consumer.name]
    stream.reschedule()
    store.changed(stream)
    for shard in stream.shards:
        shard.wake()
    return None


def describe_stream_consumer(store: Store, asked: DescribeStreamConsumer, now_ms: int) -> Result:
    """A consumer."""
    stream, consumer = _find(store, asked, now_ms)
    return {"ConsumerDescription": {**_members(consumer), "StreamARN": stream.arn}}


def list_stream_consumers(store: Store, asked: ListStreamConsumers, now_ms: int) -> Result:
    """The consumers of a stream in the order of their names, at most 100 a page."""
    stream = store.find(None, asked.StreamARN, now_ms)
    listing = f"consumers/{stream.name}/{stream.created_ms}"
    after = ""
    if asked.NextToken is None:
        check_creation(stream, asked.StreamCreationTimestamp)
    else:
        if asked.StreamCreationTimestamp is not None:
            raise InvalidArgument(
                "NextToken and StreamCreationTimestamp cannot be provided together."
            )
        token = PageToken.unseal(asked.NextToken, now_ms)
        if token.listing != listing:
            raise InvalidArgument("Invalid NextToken.")
        after = token.after
    names = sorted(name for name in stream.consumers if name > after)
    count = min(asked.MaxResults or _CONSUMERS_PAGE, _CONSUMERS_PAGE)
    answer: dict[str, object] = {
        "Consumers": [_members(stream.consumers[name]) for name in names[:count]]
    }
    if len(names) > count:
        answer["NextToken"] = PageToken(now_ms, listing, names[count - 1]).seal()
    return answer


def _check_limits(stream: Stream, limits: Limits | None) -> None:
    """Raises LimitExceeded when the stream has no room for another consumer."""
    creating = sum(one.status == "CREATING" for one in stream.consumers.values())
    if limits is not None and creating >= limits.creating:
        raise LimitExceeded(
            f"Stream {stream.name} under account {ACCOUNT_ID} has {creating} consumers in state "
            f"CREATING. Limit: {limits.creating}."
        )
    if len(stream.consumers) >= _CONSUMERS_MAX:
        raise LimitExceeded(
            f"Stream {stream.name} under account {ACCOUNT_ID} has {len(stream.consumers)} "
            f"consumers. Limit: {_CONSUMERS_MAX}."
        )


def _find(store: Store, asked: ConsumerRequest, now_ms: int) -> tuple[Stream, Consumer]:
    """By its ARN, or by its name and its stream's ARN; what is given must not conflict. Raises
    ResourceNotFound, InvalidArgument.
    """
    if asked.ConsumerARN is not None:
        stream, consumer = store.consumer(asked.ConsumerARN, now_ms)
        named = asked.ConsumerName in (None, consumer.name)
        if not named or asked.StreamARN not in (None, stream.arn):
            raise InvalidArgument(
                f"ConsumerARN {asked.ConsumerARN} does not go with the StreamARN or the "
                "ConsumerName that came with it."
            )
        return stream, consumer
    if asked.StreamARN is None or asked.ConsumerName is None:
        raise InvalidArgument(
            "Either ConsumerARN or both StreamARN and ConsumerName should be provided."
        )
    stream = store.find(None, asked.StreamARN, now_ms)
    found = stream.consumers.get(asked.ConsumerName)
    if found is None:
        raise ResourceNotFound(
            f"Consumer {asked.ConsumerName} of stream {stream.name} under account {ACCOUNT_ID} "
            "not found."
        )
    return stream, found


def _members(consumer: Consumer) -> dict[str, object]:
    return {
        "ConsumerName": consumer.name,
        "ConsumerARN": consumer.arn,
        "ConsumerStatus": consumer.status,
        "ConsumerCreationTimestamp": Moment(consumer.created_ms),
    }
