"""The one place that tries again.

Waits grow exponentially with full jitter: each wait is uniform between 0 and a cap that doubles
from 0.1 s to 10 s (AWS Architecture Blog, "Exponential Backoff And Jitter"), so that many clients
throttled together do not return together.
"""

import asyncio
import errno
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import ClientError as HttpClientError
from botocore.exceptions import (
    ClientError,
    ConnectionError as BotoConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)

from fleet.errors import ConfigError, ResourceMissing, TransientError

Result = TypeVar("Result")
OnWait = Callable[[str, float], None]
"""Told before each wait: the reason as a sentence, and the wait in seconds."""

FIRST_CAP_S = 0.1
LAST_CAP_S = 10.0

THROTTLES = {
    "KMSThrottlingException",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
OUTAGES = {
    "InternalFailure",
    "InternalServerError",
    "InternalError",
    "RequestTimeout",
    "ServiceUnavailable",
    "ServiceUnavailableException",
}
DISK_OUTAGES = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.ETIMEDOUT}
"""What a disk says that can be well again."""
MISSING = {"ResourceNotFoundException", "NoSuchBucket"}
REFUSED = {
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "UnrecognizedClientException",
}


def error_code(error: BaseException) -> str:
    """The service's error code, or '' when the error did not come from a service's answer."""
    return (
        str(error.response.get("Error", {}).get("Code", ""))
        if isinstance(error, ClientError)
        else ""
    )


def is_transient(error: BaseException) -> bool:
    """Whether the same call may well succeed later: throttling, 5xx, no connection, a broken
    answer.
    """
    if isinstance(error, ClientError):
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        return error_code(error) in THROTTLES | OUTAGES or status >= 500
    if type(error) is HTTPClientError:
        # aiobotocore wraps whatever was raised while it sent: a mistake of ours would be tried
        # again for ever.
        cause = error.kwargs.get("error")
        return isinstance(cause, OSError | HttpClientError | TimeoutError)
    return isinstance(
        error,
        BotoConnectionError | HTTPClientError | HttpClientError | TransientError | TimeoutError,
    )


def explained(error: BaseException, what: str) -> BaseException:
    """A botocore error as one of ours where the user can do something about it; otherwise the error
    itself.
    """
    code = error_code(error)
    if isinstance(error, ClientError) and code in MISSING:
        return ResourceMissing(f"{what}: {error.response['Error'].get('Message', code)}")
    if code in REFUSED:
        return ConfigError(f"{what}: {error}", remedy="check the credentials and their permissions")
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return ConfigError(
            f"{what}: no AWS credentials were found",
            remedy="run `aws configure`, set AWS_PROFILE, or give --endpoint-url",
        )
    return error


def reason_to_wait(error: Exception, what: str) -> str:
    """Why `what` has to be waited for, as a sentence; raises what waiting does not mend, as
    ResourceMissing or ConfigError where the user can act, else unchanged.
    """
    if not is_transient(error):
        cause = explained(error, what)
        raise cause from (error.__cause__ if cause is error else error)
    if isinstance(error, TransientError):
        # One of ours is a sentence already.
        return f"{what}: {error}"
    return f"{what}: {error_code(error) or type(error).__name__}: {error}"


class Backoff:
    """The waits of one series of attempts."""

    def __init__(self, random_source: random.Random | None = None) -> None:
        self._random = random_source or random.Random()
        self._cap_s = FIRST_CAP_S

    def seconds(self) -> float:
        """The next wait, uniform between 0 and a cap that doubles each time."""
        wait = self._random.uniform(0, self._cap_s)
        self._cap_s = min(LAST_CAP_S, self._cap_s * 2)
        return wait

    async def wait(self, reason: str, on_wait: OnWait | None) -> None:
        """Tells `on_wait` why and how long, and waits that long."""
        wait_s = self.seconds()
        if on_wait is not None:
            on_wait(reason, wait_s)
        await asyncio.sleep(wait_s)

    def reset(self) -> None:
        """The next series begins."""
        self._cap_s = FIRST_CAP_S


async def retry(
    operation: Callable[[], Awaitable[Result]],
    what: str,
    *,
    on_wait: OnWait | None = None,
    attempts: int | None = None,
) -> Result:
    """Calls `operation` until it succeeds or fails for good.

    `what` names the call for messages ("stream wildrydes"). Transient failures are waited out
    without end, visibly through `on_wait`, or `attempts` times at most (then TransientError).
    Others are raised: as ResourceMissing or ConfigError where the user can act, else unchanged.
    Ends at once when its task is cancelled.
    """
    backoff = Backoff()
    tried = 0
    while True:
        try:
            return await operation()
        except Exception as error:
            reason = reason_to_wait(error, what)
            tried += 1
            if attempts is not None and tried >= attempts:
                raise TransientError(f"{reason} ({tried} attempts)") from error
            await backoff.wait(reason, on_wait)


async def retry_blocking(
    work: Callable[[], Result], what: str, *, on_wait: OnWait | None = None
) -> Result:
    """`retry` for what blocks, a disk for one: each attempt runs in a thread."""
    return await retry(lambda: asyncio.to_thread(work), what, on_wait=on_wait)
