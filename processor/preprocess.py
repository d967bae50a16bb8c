"""Puts the records of a batch through the user's function, as the service did with Lambda.

Record for record: what comes of one does not depend on which others are in its batch. A call that
fails is made again for each record alone, so that only those that cannot pass are lost to the dead
letter. A function that is pure, the same answer for the same record, keeps restarts exact.

Source: DG:lambda-preprocessing.md, DG:lambda-preprocessing-data-model.md.
"""

import base64
import binascii
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics_sql.preprocessor import Preprocessor
from fleet.batch import Batch
from processor.columns import Ids

STAGE = "preprocess"
"""What the dead letters of records that do not pass name."""

REMAINING_MS = 300_000
"""What a function that asks is told: the most that the service's Lambda had. Nothing ends it."""


@dataclass(frozen=True, slots=True)
class Preprocessed:
    """What came of a batch."""

    records: Sequence[bytes]
    """The data to decode."""
    places: Ids
    """Of each, its place in the batch, growing."""
    failed: Sequence[tuple[int, str]]
    """Place in the batch of a record that did not pass, and why."""


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """What functions written for Lambda ask of their context."""

    function_name: str
    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """As Lambda's; there is no deadline here."""
        return REMAINING_MS


class _Refused(Exception):
    """An answer that cannot be used; the message says why."""


def preprocess(batch: Batch, preprocessor: Preprocessor, application: str) -> Preprocessed:
    """Calls the function with all records, and with each alone if that fails. Never raises for
    what the function does.
    """
    everything = range(len(batch))
    try:
        answers = _call(batch, everything, preprocessor, application)
    except _Refused as refused:
        answers = {0: refused} if len(batch) == 1 else {}
        for place in everything if len(batch) > 1 else ():
            try:
                answers |= _call(batch, [place], preprocessor, application)
            except _Refused as alone:
                answers[place] = alone
    kept = [(i, data) for i in everything if isinstance(data := answers[i], bytes)]
    return Preprocessed(
        records=[data for _, data in kept],
        places=np.array([place for place, _ in kept], np.int64),
        failed=[
            (place, f"{preprocessor.name}: {why}")
            for place in everything
            if isinstance(why := answers[place], _Refused)
        ],
    )


def _call(
    batch: Batch, places: Sequence[int], preprocessor: Preprocessor, application: str
) -> dict[int, bytes | _Refused | None]:
    """Of each record: its data, None when it is dropped, or why it fails. Raises _Refused for what
    is wrong with all of them.
    """
    ids = {batch.record_id(place): place for place in places}
    event = _event(batch, ids, application)
    context = LambdaContext(preprocessor.name, event["invocationId"])
    try:
        # What the function prints is for people: standard output has the rows.
        with contextlib.redirect_stdout(sys.stderr):
            answer = preprocessor.handler(event, context)
    except (Exception, SystemExit) as error:
        raise _Refused(f"{type(error).__name__}: {error}") from error
    records = answer.get("records") if isinstance(answer, dict) else None
    if not isinstance(records, list):
        raise _Refused('the answer is not {"records": [...]}')
    answers: dict[int, bytes | _Refused | None] = {}
    for record in records:
        given = record.get("recordId") if isinstance(record, dict) else None
        place = ids.get(given) if isinstance(given, str) else None
        if place is None:
            raise _Refused(f"the answer has a record {given!r} that nobody gave it")
        twice = place in answers
        answers[place] = _Refused("the answer has it twice") if twice else _data(record)
    for place in ids.values():
        answers.setdefault(place, _Refused("the answer does not have it"))
    return answers


def _event(batch: Batch, ids: dict[str, int], application: str) -> dict[str, Any]:
    return {
        "invocationId": f"{batch.shard_id}:{next(iter(ids))}",
        "applicationArn": f"arn:aws:kinesisanalytics:local:000000000000:application/{application}",
        "streamArn": "arn:aws:kinesis:local:000000000000:stream/input",
        "records": [
            {
                "recordId": record_id,
                "kinesisStreamRecordMetadata": {
                    "sequenceNumber": batch.sequence_numbers[place],
                    "partitionKey": batch.partition_keys[place],
                    "shardId": batch.shard_id,
                    "approximateArrivalTimestamp": int(batch.arrival_ms[place]),
                },
                "data": base64.b64encode(batch.records[place]).decode(),
            }
            for record_id, place in ids.items()
        ],
    }


def _data(record: dict[str, Any]) -> bytes | _Refused | None:
    result = record.get("result")
    if result == "Dropped":
        return None
    if result != "Ok":
        return _Refused(
            "ProcessingFailed"
            if result == "ProcessingFailed"
            else f"result is {result!r}; it has to be Ok, Dropped or ProcessingFailed"
        )
    try:
        data = record.get("data")
        if not isinstance(data, str):
            return _Refused(f"data is a {type(data).__name__}; it has to be text in base64")
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return _Refused("data is not base64")
