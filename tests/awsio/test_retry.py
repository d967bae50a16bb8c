"""What is waited out, what is raised, and how long the waits are."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import ServerDisconnectedError
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ReadTimeoutError,
)

from awsio.retry import Backoff, error_code, is_transient, retry
from fleet.errors import ConfigError, ResourceMissing, TransientError
from tests.awsio.instant import run


def refused(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": "the service's words"},
            "ResponseMetadata": {"HTTPStatusCode": status},  # type: ignore[typeddict-item]
        },
        "PutRecords",
    )


def after(*errors: Exception) -> Callable[[], Awaitable[str]]:
    """An operation that fails with each of these, then succeeds."""
    left = iter(errors)

    async def operation() -> str:
        for error in left:
            raise error
        return "done"

    return operation


TRANSIENT = [
    refused("ProvisionedThroughputExceededException"),
    refused("ThrottlingException"),
    refused("InternalFailure", 500),
    refused("", 503),
    EndpointConnectionError(endpoint_url="http://127.0.0.1:1/"),
    ConnectionClosedError(endpoint_url="http://127.0.0.1:1/"),
    ReadTimeoutError(endpoint_url="http://127.0.0.1:1/"),
    ServerDisconnectedError(),
    TimeoutError(),
    TransientError("not yet"),
    HTTPClientError(error=ConnectionResetError("reset by peer")),
]


def test_a_mistake_that_the_client_wraps_is_not_tried_again() -> None:
    """aiobotocore turns anything raised while it sends into HTTPClientError."""
    error = HTTPClientError(error=ResourceWarning("a mistake of ours"))
    assert not is_transient(error)
    with pytest.raises(HTTPClientError):
        run(retry(after(error), "stream wildrydes"))


@pytest.mark.parametrize("error", TRANSIENT, ids=lambda e: error_code(e) or type(e).__name__)
def test_what_passes_is_waited_out(error: Exception) -> None:
    assert is_transient(error)
    assert run(retry(after(error, error), "stream wildrydes")) == "done"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (refused("ResourceNotFoundException"), ResourceMissing),
        (refused("NoSuchBucket", 404), ResourceMissing),
        (refused("AccessDeniedException"), ConfigError),
        (refused("ExpiredTokenException"), ConfigError),
        (NoCredentialsError(), ConfigError),
        (refused("ValidationException"), ClientError),
        (KeyError("ours"), KeyError),
    ],
    ids=lambda value: getattr(value, "__name__", None) or error_code(value) or repr(value),
)
def test_what_does_not_pass_is_raised_at_once(error: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        run(retry(after(error), "stream wildrydes"))
    if kind is type(error):
        assert caught.value is error
    else:
        assert str(caught.value).startswith("stream wildrydes: ")
        assert caught.value.__cause__ is error


def test_attempts_end_it() -> None:
    with pytest.raises(TransientError, match=r"stream wildrydes: TimeoutError: .*\(3 attempts\)"):
        run(retry(after(*[TimeoutError()] * 3), "stream wildrydes", attempts=3))
    assert run(retry(after(*[TimeoutError()] * 2), "stream wildrydes", attempts=3)) == "done"


def test_each_wait_is_told_before_it_happens() -> None:
    waits: list[tuple[str, float]] = []

    async def main() -> float:
        started_s = asyncio.get_running_loop().time()
        await retry(
            after(*TRANSIENT[:3]), "stream wildrydes", on_wait=lambda *wait: waits.append(wait)
        )
        return asyncio.get_running_loop().time() - started_s

    took_s = run(main())

    assert [reason.split(": ")[:2] for reason, _ in waits] == [
        ["stream wildrydes", "ProvisionedThroughputExceededException"],
        ["stream wildrydes", "ThrottlingException"],
        ["stream wildrydes", "InternalFailure"],
    ]
    assert took_s >= sum(seconds for _, seconds in waits)


def test_waits_are_uniform_below_a_cap_that_doubles_to_ten_seconds() -> None:
    """Against the numbers of a generator of the same seed, drawn below the caps by hand."""
    caps = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]
    expected = random.Random(7)
    backoff = Backoff(random.Random(7))
    assert [backoff.seconds() for _ in caps] == [expected.uniform(0, cap) for cap in caps]
    backoff.reset()
    assert backoff.seconds() <= 0.1


async def test_a_cancelled_task_stops_waiting_at_once() -> None:
    waiting = asyncio.Event()

    async def fail() -> None:
        waiting.set()
        raise TimeoutError

    task = asyncio.create_task(retry(fail, "stream wildrydes"))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
