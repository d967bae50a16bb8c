"""The two forms in which the service takes requests and answers."""

from typing import Any, Final, Protocol

import local_kinesis.cbor_protocol as cbor_protocol
import local_kinesis.json_protocol as json_protocol
from local_kinesis.errors import ServiceError
from local_kinesis.operations.registry import Operation
from local_kinesis.operations.result import WholeResult
from local_kinesis.subscription import SubscriptionEvent


class Codec(Protocol):
    """Requests and results to and from bytes. A module is one."""

    @property
    def CONTENT_TYPE(self) -> str: ...

    def decode(self, operation: Operation, body: bytes) -> Any:
        """The request in `body`. Raises ServiceError in the service's words."""
        ...

    def encode(self, result: WholeResult) -> bytes:
        """What a successful operation answers."""
        ...

    def encode_event(self, event: SubscriptionEvent) -> bytes:
        """The payload of a SubscribeToShardEvent."""
        ...

    def encode_error(self, error: ServiceError) -> bytes:
        """What a refused request is answered."""
        ...


JSON: Final[Codec] = json_protocol
CBOR: Final[Codec] = cbor_protocol
