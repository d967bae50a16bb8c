"""One way to misbehave, and which requests it strikes."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

Kind = Literal[
    "throttle",
    "partial_failure",
    "internal_failure",
    "unavailable",
    "delay",
    "reset_before",
    "reset_after",
    "truncate",
    "expired_iterator",
    "stall",
    "reshard",
]
MEANINGS: Final[Mapping[Kind, str]] = {
    "throttle": "refused with ProvisionedThroughputExceededException or LimitExceededException, "
    "whichever the operation knows",
    "partial_failure": "PutRecords: some records are refused, the others are put",
    "internal_failure": "InternalFailure, status 500; nothing has happened",
    "unavailable": "ServiceUnavailable, status 503; nothing has happened",
    "delay": "answered as always, `delay_ms` later",
    "reset_before": "the connection ends; nothing has happened",
    "reset_after": "it happened, and the connection ends without an answer",
    "truncate": "it happened, and the connection ends in the middle of the answer",
    "expired_iterator": "GetRecords: ExpiredIteratorException",
    "stall": "GetRecords: no records, though there are some; the iterator stays where it is",
    "reshard": "a shard of the stream is split, or two are merged, and then it is answered",
}
KINESIS: Final = "kinesis"
_ONLY: Final[Mapping[Kind, str]] = {
    "partial_failure": "PutRecords",
    "expired_iterator": "GetRecords",
    "stall": "GetRecords",
}
DELAY_MS_MAX: Final = 600_000

Count = Annotated[int, Meta(ge=0)]


class Fault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Strikes the requests of `operation`, to `stream`, about `shard`; what is left out is any,
    but of the service, which is Kinesis unless said.

    Of these it passes over `skip`, then strikes each with `probability`, until it has struck
    `times`. Which ones is a function of `seed` and of the order of those requests alone, so that a
    failure can be played again.
    """

    kind: Kind
    service: str = KINESIS
    """As a signature names it: `kinesis`, `dynamodb`, `s3`..."""
    operation: str | None = None
    stream: str | None = None
    shard: str | None = None
    """For a partial failure the records of that shard. Other puts name no shard, and a fault that
    does never strikes them.
    """
    probability: Annotated[float, Meta(gt=0, le=1)] = 1.0
    skip: Count = 0
    times: Annotated[int, Meta(ge=1)] | None = None
    delay_ms: Annotated[int, Meta(ge=1, le=DELAY_MS_MAX)] = 1000
    """Of the machine's clock, whatever the endpoint's is."""
    share: Annotated[float, Meta(gt=0, le=1)] = 0.5
    """Of a partial failure: how many of the records, at least one."""
    seed: Count = 0

    def strikes(self, request: "Request") -> bool:
        """Whether a request is one of those that it may strike."""
        only = _ONLY.get(self.kind)
        about = None if self.kind == "partial_failure" else self.shard
        return (
            self.service == request.service
            and (only is None or request.operation == only)
            and (self.kind != "reshard" or request.service == KINESIS)
            and self.operation in (None, request.operation)
            and self.stream in (None, request.stream)
            and about in (None, request.shard)
        )


class Request(Struct, frozen=True):
    """What faults are told of a request."""

    operation: str
    stream: str | None
    """Its name; None where the request is about none."""
    shard: str | None
    """Its id; None where the request names none, as a put does."""
    service: str = KINESIS
