"""Tags, of a stream by its name or ARN, and of a stream or a consumer by its ARN."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from local_kinesis.change_request import (
    AddTagsToStream,
    ListTagsForResource,
    ListTagsForStream,
    RemoveTagsFromStream,
    TagResource,
    UntagResource,
)
from local_kinesis.errors import InvalidArgument
from local_kinesis.operations.result import Result
from local_kinesis.store import Store
from local_kinesis.stream import Stream

_TAGS_MAX: Final = 50
"""Source: the API reference of AddTagsToStream."""
_TAGS_PAGE: Final = 50
_FOREIGN = re.compile(r"[^\w\s./=+\-%@:]")


def add_tags_to_stream(store: Store, asked: AddTagsToStream, now_ms: int) -> Result:
    """Sets tags; one that is there already gets the new value."""
    stream = store.find(asked.StreamName, asked.StreamARN, now_ms)
    stream.tags = checked_tags(stream.tags, asked.Tags)
    store.changed(stream)
    return None


def remove_tags_from_stream(store: Store, asked: RemoveTagsFromStream, now_ms: int) -> Result:
    """Takes tags off; one that is not there is no matter."""
    stream = store.find(asked.StreamName, asked.StreamARN, now_ms)
    stream.tags = _without(stream.tags, asked.TagKeys)
    store.changed(stream)
    return None


def list_tags_for_stream(store: Store, asked: ListTagsForStream, now_ms: int) -> Result:
    """The tags in the order of their keys, at most 50 a page."""
    stream = store.find(asked.StreamName, asked.StreamARN, now_ms)
    tags = [tag for tag in _members(stream.tags) if tag["Key"] > (asked.ExclusiveStartTagKey or "")]
    count = asked.Limit or _TAGS_PAGE
    return {"Tags": tags[:count], "HasMoreTags": len(tags) > count}


def tag_resource(store: Store, asked: TagResource, now_ms: int) -> Result:
    """As AddTagsToStream, of a stream or a consumer."""
    stream, tags = _resource(store, asked.ResourceARN, now_ms)
    _replace(tags, checked_tags(tags, asked.Tags))
    store.changed(stream)
    return None


def untag_resource(store: Store, asked: UntagResource, now_ms: int) -> Result:
    """As RemoveTagsFromStream, of a stream or a consumer."""
    stream, tags = _resource(store, asked.ResourceARN, now_ms)
    _replace(tags, _without(tags, asked.TagKeys))
    store.changed(stream)
    return None


def list_tags_for_resource(store: Store, asked: ListTagsForResource, now_ms: int) -> Result:
    """All tags of a stream or a consumer, in the order of their keys."""
    _, tags = _resource(store, asked.ResourceARN, now_ms)
    return {"Tags": _members(tags)}


def checked_tags(present: Mapping[str, str], added: Mapping[str, str]) -> dict[str, str]:
    """Both together. Raises InvalidArgument when that is too many, or when one has characters that
    tags do not.
    """
    _check_characters([*added.keys(), *added.values()])
    tags = {**present, **added}
    if len(tags) > _TAGS_MAX:
        raise InvalidArgument(
            f"A resource cannot have more than {_TAGS_MAX} tags; this request would make it "
            f"{len(tags)}."
        )
    return tags


def _without(present: Mapping[str, str], removed: Iterable[str]) -> dict[str, str]:
    gone = set(removed)
    _check_characters(gone)
    return {key: value for key, value in present.items() if key not in gone}


def _check_characters(texts: Iterable[str]) -> None:
    if any(map(_FOREIGN.search, texts)):
        raise InvalidArgument(
            "Some tags contain invalid characters. Valid characters: Unicode letters, digits, "
            "white space, _ . / = + - % @ :."
        )


def _resource(store: Store, arn: str, now_ms: int) -> tuple[Stream, dict[str, str]]:
    """Whose tags these are, and the tags themselves. Raises ResourceNotFound."""
    if "/consumer/" in arn:
        stream, consumer = store.consumer(arn, now_ms)
        return stream, consumer.tags
    stream = store.find(None, arn, now_ms)
    return stream, stream.tags


def _replace(tags: dict[str, str], wanted: Mapping[str, str]) -> None:
    tags.clear()
    tags.update(wanted)


def _members(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
