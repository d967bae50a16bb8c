"""PutRecordBatch of Firehose done right: only what failed is sent again.

PutRecordBatch is not atomic: each record succeeds or fails alone (API reference, PutRecordBatch). A
connection lost after the call took effect makes the retry a duplicate: Firehose is at least once,
here as with any client.
"""

from collections.abc import Sequence
from typing import Any, Final

from botocore.exceptions import ClientError, ParamValidationError

from awsio.retry import OUTAGES, THROTTLES, Backoff, OnWait, retry
from fleet.errors import FleetError

RECORDS_MAX: Final = 500
BYTES_MAX: Final = 4 * 1024 * 1024
"""Of one call."""

RECORD_BYTES_MAX: Final = 1000 * 1024
"""Of one record, before base64."""


async def put_record_batch(
    client: Any, delivery_stream: str, records: Sequence[bytes], *, on_wait: OnWait | None = None
) -> None:
    """Puts all records. Throttling and outages are waited out, told through `on_wait`. Raises
    ResourceMissing when there is no such delivery stream, FleetError when the service refuses a
    record for good.
    """
    pending = list(records)
    backoff = Backoff()
    while pending:
        chosen, rest = _next_call(pending)
        results = await _call(client, delivery_stream, chosen, on_wait)
        failed = [
            data for data, result in zip(chosen, results, strict=True) if result.get("ErrorCode")
        ]
        pending = failed + rest
        if len(failed) < len(chosen):
            backoff.reset()
        if failed:
            await backoff.wait(_reason(delivery_stream, results), on_wait)


def _next_call(pending: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    """What goes into one call, and what is left."""
    size = 0
    for count, data in enumerate(pending):
        size += len(data)
        if count == RECORDS_MAX or (count and size > BYTES_MAX):
            return pending[:count], pending[count:]
    return pending, []


async def _call(
    client: Any, delivery_stream: str, records: Sequence[bytes], on_wait: OnWait | None
) -> Sequence[dict[str, Any]]:
    """One call that was answered; each record has a result of its own."""
    what = f"delivery stream {delivery_stream}"
    try:
        answer = await retry(
            lambda: client.put_record_batch(
                DeliveryStreamName=delivery_stream, Records=[{"Data": data} for data in records]
            ),
            what,
            on_wait=on_wait,
        )
    except (ClientError, ParamValidationError) as error:
        raise FleetError(f"{what}: {error}") from error
    results: Sequence[dict[str, Any]] = answer["RequestResponses"]
    return results


def _reason(delivery_stream: str, results: Sequence[dict[str, Any]]) -> str:
    """Why records failed, for one of them. Raises FleetError when one failed for good."""
    reason = ""
    for result in results:
        if code := result.get("ErrorCode"):
            reason = f"delivery stream {delivery_stream}: {code}: {result.get('ErrorMessage', '')}"
            if code not in THROTTLES | OUTAGES:
                raise FleetError(reason)
    return reason
