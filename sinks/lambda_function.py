"""Rows to a Lambda function, as the service called one for an output.

The event and the answer are those of the developer guide ("Lambda as Output Event Input Data Model
and Record Response Model"): each record is answered with Ok or DeliveryFailed, whatever is not
answered so has failed, and what failed is sent again, with its `retryHint` raised, until it is Ok.

A row's `recordId` is a UUID made of its id, where the service's was random: a row that is written
again after a crash comes with the same one, by which a function can leave it out.
"""

import base64
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from awsio.clients import AwsClients
from awsio.retry import Backoff, OnWait, error_code, retry
from fleet.errors import FleetError, RowRefused, TransientError
from fleet.row import Row
from sinks.resource import until_ready
from sinks.row_format import RECORDS, RowFormat

PAYLOAD_BYTES_MAX: Final = 6 * 1024 * 1024
"""Of a synchronous call (Lambda quotas)."""

RECORDS_MAX: Final = 500
"""Of one call: a function has seconds for all of them."""

_ENVELOPE_BYTES: Final = 1024
_RECORD_BYTES: Final = 160
"""More than what stands around a record's data."""

_NAMESPACE: Final = uuid.UUID("8f0a2c1e-6f0b-5d7e-9c7c-2f4f6c1f3a55")
_STATES: Final = {"Pending": "CREATING", "Active": "ACTIVE", "Inactive": "ACTIVE"}
"""A function that is inactive wakes up with the first call, which fails and is tried again."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row, as the function gets it."""

    id: str
    data: str
    """Base64."""


class LambdaSink:
    """Calls are made one after the other, so that a function sees rows in their order."""

    def __init__(
        self,
        aws: AwsClients,
        function: str,
        *,
        application: str,
        name: str = "lambda",
        row_format: RowFormat = "json",
        on_wait: OnWait | None = None,
    ) -> None:
        """`function` is a name, with `:ALIAS` or `:VERSION` if wanted."""
        self.name = name
        self._aws = aws
        self._function = function
        self._what = f"function {function}"
        self._application = application
        self._application_arn = ""
        self._text = RECORDS[row_format]
        self._on_wait = on_wait
        self._client: Any = None

    async def open(self) -> None:
        """Waits for a function that is being made. Raises ResourceMissing when there is none."""
        client = self._client = await self._aws.functions()
        what = f"{self._what} at {client.meta.endpoint_url}"
        arn = ""

        async def status() -> str:
            nonlocal arn
            answer = await retry(
                lambda: client.get_function_configuration(FunctionName=self._function),
                what,
                on_wait=self._on_wait,
            )
            arn = answer["FunctionArn"]
            state = str(answer.get("State", "Active"))
            return _STATES.get(state, state)

        await until_ready(
            status,
            what,
            remedy="create it, or name another: lambda://FUNCTION; --region and --endpoint-url "
            "name another place",
            on_wait=self._on_wait,
        )
        _, partition, _, region, account, *_ = arn.split(":")
        self._application_arn = (
            f"arn:{partition}:kinesisanalytics:{region}:{account}:application/{self._application}"
        )

    async def write(self, rows: Sequence[Row]) -> None:
        """Of several rows with one id only the last is sent: the answer tells them by it."""
        refused: list[tuple[str, str]] = []
        records: list[Record] = []
        for row in {row.id: row for row in rows}.values():
            record = _record(row.id, self._text(row.values))
            size = len(record.data) + _RECORD_BYTES + _ENVELOPE_BYTES
            if size > PAYLOAD_BYTES_MAX:
                reason = f"the event has {size} bytes; Lambda takes {PAYLOAD_BYTES_MAX}"
                refused.append((row.id, reason))
            else:
                records.append(record)
        for call in _calls(records):
            await self._deliver(call)
        if refused:
            raise RowRefused(
                f"{self._what} refuses {len(refused)} of {len(rows)} rows, "
                f"the first because {refused[0][1]}",
                refused,
            )

    async def close(self) -> None:
        """The clients are closed by their owner."""

    async def _deliver(self, records: Sequence[Record]) -> None:
        """Returns when every record is Ok."""
        pending, hint = records, 0
        backoff = Backoff()
        while True:
            answer = await self._invoke(pending, hint)
            failed = [record for record in pending if answer.results.get(record.id) != "Ok"]
            if not failed:
                return
            if len(failed) < len(pending):
                backoff.reset()
            why = answer.error or answer.results.get(failed[0].id) or "no answer for its recordId"
            reason = f"{self._what}: {len(failed)} of {len(pending)} rows failed: {why}"
            await backoff.wait(reason, self._on_wait)
            pending, hint = failed, hint + 1

    async def _invoke(self, records: Sequence[Record], hint: int) -> "Answer":
        event = {
            "invocationId": str(uuid.uuid4()),
            "applicationArn": self._application_arn,
            "records": [
                {
                    "recordId": record.id,
                    "lambdaDeliveryRecordMetadata": {"retryHint": hint},
                    "data": record.data,
                }
                for record in records
            ],
        }
        payload = json.dumps(event, separators=(",", ":")).encode()

        async def call() -> Answer:
            try:
                answer = await self._client.invoke(FunctionName=self._function, Payload=payload)
            except ClientError as error:
                if error_code(error) == "ResourceConflictException":
                    # It is being changed at this moment.
                    raise TransientError(str(error)) from error
                raise
            return answer_of(await answer["Payload"].read(), answer.get("FunctionError"))

        try:
            return await retry(call, self._what, on_wait=self._on_wait)
        except ClientError as error:
            raise FleetError(f"{self._what}: {error}") from error


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function said."""

    results: Mapping[str, str]
    """By recordId: `Ok`, or anything else."""
    error: str = ""
    """Why it said nothing of use."""


def answer_of(payload: bytes, function_error: str | None) -> Answer:
    """The answer in a payload; one that is not of the response model says so in `error`."""
    try:
        value = json.loads(payload)
    except ValueError:
        return Answer({}, "the answer is no JSON")
    if function_error:
        message = value.get("errorMessage", "") if isinstance(value, dict) else ""
        return Answer({}, f"{function_error} error: {message}")
    records = value.get("records") if isinstance(value, dict) else None
    if not isinstance(records, list):
        return Answer({}, "the answer has no records")
    return Answer(
        {
            record["recordId"]: str(record.get("result"))
            for record in records
            if isinstance(record, dict) and isinstance(record.get("recordId"), str)
        }
    )


def _record(row_id: str, data: bytes) -> Record:
    return Record(str(uuid.uuid5(_NAMESPACE, row_id)), base64.b64encode(data).decode())


def _calls(records: Sequence[Record]) -> list[list[Record]]:
    """The records in calls that Lambda takes, in their order."""
    calls: list[list[Record]] = []
    size = PAYLOAD_BYTES_MAX
    for record in records:
        size += len(record.data) + _RECORD_BYTES
        if size > PAYLOAD_BYTES_MAX or len(calls[-1]) == RECORDS_MAX:
            calls.append([])
            size = _ENVELOPE_BYTES + len(record.data) + _RECORD_BYTES
        calls[-1].append(record)
    return calls
