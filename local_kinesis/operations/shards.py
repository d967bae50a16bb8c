"""ListShards."""

from dataclasses import dataclass
from typing import Final

from local_kinesis.account import ACCOUNT_ID
from local_kinesis.errors import InvalidArgument, ResourceNotFound
from local_kinesis.operations.result import Result
from local_kinesis.operations.shard_lookup import shard_members
from local_kinesis.page_token import PageToken
from local_kinesis.request import Filter, ListShards, milliseconds
from local_kinesis.shard import Shard
from local_kinesis.store import Store, require_active
from local_kinesis.stream import Stream

_SHARDS_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class _Selection:
    """Which shards of a stream are listed; a token carries it to the pages after the first."""

    kind: str
    since_ms: int

    def applied(self, stream: Stream) -> list[Shard]:
        """The shards it lets through. Source: the API reference of ShardFilter."""
        if self.kind == "AT_LATEST":
            return [shard for shard in stream.shards if shard.closed_ms is None]
        if self.kind == "AT_TRIM_HORIZON":
            # What was open then has parents that were closed before, and so are gone.
            return [shard for shard in stream.shards if not any(map(stream.shard, shard.parents))]
        if self.kind in ("AT_TIMESTAMP", "FROM_TIMESTAMP"):
            # A reader that goes back further than the stream begins at its beginning.
            since_ms = max(self.since_ms, stream.created_ms)
            return [
                shard
                for shard in stream.shards
                if (shard.closed_ms is None or shard.closed_ms >= since_ms)
                and (self.kind == "FROM_TIMESTAMP" or shard.opened_ms <= since_ms)
            ]
        return stream.shards


def list_shards(store: Store, asked: ListShards, now_ms: int) -> Result:
    """The shards of a stream in the order of their ids, at most 1,000 a page."""
    if asked.NextToken is None:
        stream = store.find(asked.StreamName, asked.StreamARN, now_ms)
        check_creation(stream, asked.StreamCreationTimestamp)
        selection = _selection(asked.ShardFilter)
        after = asked.ExclusiveStartShardId or ""
        if asked.ShardFilter is not None:
            after = max(after, asked.ShardFilter.ShardId or "")
    else:
        stream, selection, after = _continued(store, asked, asked.NextToken, now_ms)
    if stream.status in ("CREATING", "DELETING"):
        require_active(stream)
    shards = [shard for shard in selection.applied(stream) if shard.id > after]
    count = min(asked.MaxResults or _SHARDS_PAGE, _SHARDS_PAGE)
    page = shards[:count]
    answer: dict[str, object] = {"Shards": [shard_members(shard) for shard in page]}
    if len(shards) > count:
        listing = f"{stream.name}/{stream.created_ms}/{selection.kind}/{selection.since_ms}"
        answer["NextToken"] = PageToken(now_ms, listing, page[-1].id).seal()
    return answer


def _selection(wanted: Filter | None) -> _Selection:
    """Raises InvalidArgument for a filter without what its type needs, or with what it does not
    take.
    """
    if wanted is None:
        return _Selection("FROM_TRIM_HORIZON", 0)
    timed = wanted.Type in ("AT_TIMESTAMP", "FROM_TIMESTAMP")
    for member, value, needed in (
        ("ShardId", wanted.ShardId, wanted.Type == "AFTER_SHARD_ID"),
        ("Timestamp", wanted.Timestamp, timed),
    ):
        if needed and value is None:
            raise InvalidArgument(f"A ShardFilter of type {wanted.Type} must have a {member}.")
        if not needed and value is not None:
            raise InvalidArgument(f"A ShardFilter of type {wanted.Type} cannot have a {member}.")
    return _Selection(wanted.Type, milliseconds(wanted.Timestamp or 0))


def _continued(
    store: Store, asked: ListShards, next_token: str, now_ms: int
) -> tuple[Stream, _Selection, str]:
    """The stream, what was selected, and the last shard of the page before."""
    for member in ("StreamName", "StreamARN", "StreamCreationTimestamp", "ExclusiveStartShardId"):
        if getattr(asked, member) is not None:
            raise InvalidArgument(f"NextToken and {member} cannot be provided together.")
    token = PageToken.unseal(next_token, now_ms)
    name, *rest = token.listing.split("/")
    if len(rest) != 3:
        raise InvalidArgument("Invalid NextToken.")
    created_ms, kind, since_ms = rest
    stream = store.find(name, None, now_ms)
    if str(stream.created_ms) != created_ms:
        raise ResourceNotFound(f"Stream {name} under account {ACCOUNT_ID} not found.")
    return stream, _Selection(kind, int(since_ms)), token.after


def check_creation(stream: Stream, created: float | None) -> None:
    """A client whose clock knows no fractions sends whole seconds: those match any moment within
    them.
    """
    if created is None:
        return
    created_ms = milliseconds(created)
    exact = created_ms == stream.created_ms
    if not exact and not (
        created_ms % 1000 == 0 and created_ms // 1000 == stream.created_ms // 1000
    ):
        raise ResourceNotFound(
            f"Stream {stream.name} under account {ACCOUNT_ID} with creation timestamp {created_ms} "
            "not found."
        )
