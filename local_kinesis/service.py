"""The Kinesis service: from the name of an operation and a body to an answer, always an answer."""

import logging
from dataclasses import dataclass
from typing import Final

import msgspec

from fleet.clock import Clock
from local_kinesis.errors import ServiceError, UnknownOperation
from local_kinesis.json_protocol import CONTENT_TYPE, decode, encode, encode_error
from local_kinesis.operations.registry import OPERATIONS
from local_kinesis.store import Store

logger = logging.getLogger(__name__)

TARGET_PREFIX: Final = "Kinesis_20131202."
"""What the X-Amz-Target header of every Kinesis request starts with."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, whatever carries it."""

    status: int
    content_type: str
    body: bytes


class Service:
    """Kinesis over one store, by one clock."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock

    def answer(self, operation_name: str, content_type: str, body: bytes) -> Answer:
        """Runs one operation. Whatever is wrong with the request, or with us, is said in the
        answer.
        """
        if "cbor" in content_type:
            return _unsupported_protocol()
        try:
            operation = OPERATIONS.get(operation_name)
            if operation is None:
                raise UnknownOperation(
                    f"{operation_name!r} is not supported by the local endpoint, which knows "
                    f"{', '.join(OPERATIONS)}."
                )
            asked = decode(operation, body)
            result = operation.run(self.store, asked, self.clock.now_ms())
            return Answer(200, CONTENT_TYPE, encode(result))
        except ServiceError as error:
            return Answer(error.status, CONTENT_TYPE, encode_error(error))
        except Exception:
            # The boundary of the service: a fault of ours must cost the client this request and
            # nobody anything else.
            logger.exception("%s failed", operation_name)
            return Answer(500, CONTENT_TYPE, b'{"__type":"InternalFailure"}')


def _unsupported_protocol() -> Answer:
    message = (
        "CBOR is not supported by the local endpoint; set CBOR_ENABLED=false (Java SDK 2) or "
        "AWS_CBOR_DISABLE=true (Java SDK 1) to send JSON"
    )
    body = msgspec.json.encode({"__type": "UnsupportedMediaTypeException", "message": message})
    return Answer(415, CONTENT_TYPE, body)
