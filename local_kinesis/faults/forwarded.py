"""Faults of what goes through to moto: DynamoDB, S3 and the rest in trouble.

moto knows nothing of it. A refusal is answered here and moto never asked; everything else has
happened there before its answer is late, cut, or thrown away.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from html import escape
from typing import Final

import msgspec

from local_kinesis.answer import Answer
from local_kinesis.exchange import Exchange, Header, Truncated
from local_kinesis.faults.fault import Kind, Request
from local_kinesis.faults.faults import SetFault
from local_kinesis.faults.injection import TROUBLE
from local_kinesis.http_message import RequestHead
from local_kinesis.upload import Upload

_SCOPE: Final = re.compile(rb"Credential=[^/]+/[^/]+/[^/]+/([a-z0-9-]+)/aws4_request")
"""The service that a signature is for. Source: IAM user guide, "Create a signed request"."""
_BUCKET: Final = {"GET": "ListObjects", "PUT": "CreateBucket"}
"""S3's names of what is done to a bucket, where they are not Method + "Bucket"."""
_REFUSALS: Final[dict[Kind, dict[str, tuple[int, str]]]] = {
    "throttle": {
        "dynamodb": (400, "ProvisionedThroughputExceededException"),
        "s3": (503, "SlowDown"),
        "": (400, "ThrottlingException"),
    },
    "internal_failure": {
        "dynamodb": (500, "InternalServerError"),
        "s3": (500, "InternalError"),
        "": (500, "InternalFailure"),
    },
    "unavailable": {"": (503, "ServiceUnavailable")},
}
"""Kind -> service -> status and code; "" is any other service (their API references, "Common
errors" and S3's "Error responses").
"""


def request_of(head: RequestHead) -> Request:
    """What faults are told of a request that is not for Kinesis."""
    method = head.method.decode("latin-1").capitalize()
    if head.target is not None:
        prefix, _, operation = head.target.decode("latin-1").rpartition(".")
        return Request(operation, None, None, prefix.partition("_")[0].lower())
    service = next(
        (
            found[1].decode("ascii")
            for name, value in head.headers
            if name.lower() == b"authorization" and (found := _SCOPE.search(value))
        ),
        "s3",
    )
    place = head.url.partition(b"?")[0].strip(b"/")
    if b"/" in place:
        return Request(f"{method}Object", None, None, service)
    return Request(_BUCKET.get(method.upper(), f"{method}Bucket"), None, None, service)


async def forward_in_trouble(
    struck: Sequence[SetFault],
    head: RequestHead,
    upload: Upload,
    exchange: Exchange,
    forward: Callable[[RequestHead, Upload, Exchange], Awaitable[None]],
) -> None:
    """Forwards a request that is struck, or refuses it. Raises Truncated as Forwarder.forward."""
    kinds: set[Kind] = {one.fault.kind for one in struck}
    late_s = sum(one.fault.delay_ms for one in struck if one.fault.kind == "delay") / 1000
    if "reset_before" in kinds:
        upload.discard()
        raise Truncated
    if refusing := [kind for kind in _REFUSALS if kind in kinds]:
        await asyncio.sleep(late_s)
        upload.discard()
        exchange.answer(_refusal(head, refusing[0]), body_taken=False)
        return
    held = _Held(exchange)
    await forward(head, upload, held)
    await asyncio.sleep(late_s)
    if "reset_after" in kinds:
        raise Truncated
    await held.deliver(whole="truncate" not in kinds)


class _Held:
    """An exchange that keeps the answer to itself until it is told."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._begin: Callable[[], None] = lambda: None
        self._body = bytearray()
        self._end: Callable[[], None] = lambda: None

    def ask_for_body(self) -> None:
        self._exchange.ask_for_body()

    def answer(self, answer: Answer, *, body_taken: bool = True) -> None:
        self._begin = partial(self._exchange.answer, answer, body_taken=body_taken)

    def begin(self, status: int, headers: Sequence[Header], *, delimited: bool) -> None:
        self._begin = partial(self._exchange.begin, status, list(headers), delimited=delimited)
        self._end = self._exchange.end

    def begin_stream(self, content_type: str) -> None:
        self._begin = partial(self._exchange.begin_stream, content_type)
        self._end = self._exchange.end

    def send(self, data: bytes) -> None:
        self._body += data

    async def drained(self) -> None:
        """It takes everything."""

    def end(self) -> None:
        """Said when it is delivered."""

    async def deliver(self, *, whole: bool) -> None:
        """Answers, or raises Truncated in the middle; before it where there is no middle."""
        if not whole and len(self._body) < 2:
            raise Truncated
        self._begin()
        self._exchange.send(bytes(self._body if whole else self._body[: len(self._body) // 2]))
        await self._exchange.drained()
        if not whole:
            raise Truncated
        self._end()


def _refusal(head: RequestHead, kind: Kind) -> Answer:
    by_service = _REFUSALS[kind]
    status, code = by_service.get(request_of(head).service, by_service[""])
    return error_answer(head, status, code, TROUBLE)


def error_answer(head: RequestHead, status: int, code: str, message: str) -> Answer:
    """In the dialect of the service that was asked, as far as one can tell: JSON, or S3's XML."""
    if head.target is not None:
        members = {"__type": code, "message": message}
        return Answer(status, "application/json", msgspec.json.encode(members))
    body = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return Answer(status, "application/xml", body.encode())
