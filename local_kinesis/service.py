"""The Kinesis service: from the name of an operation and a body to an answer, always an answer."""

import logging
from typing import Final

from fleet.clock import Clock
from local_kinesis.answer import Answer, LaterReply, Reply, StreamedAnswer
from local_kinesis.codec import CBOR, JSON, Codec
from local_kinesis.errors import ServiceError, UnknownOperation
from local_kinesis.event_stream import CONTENT_TYPE as EVENT_STREAM, messages
from local_kinesis.faults.faults import Faults
from local_kinesis.faults.injection import Injection
from local_kinesis.operations.registry import OPERATIONS
from local_kinesis.operations.result import Result
from local_kinesis.store import Store
from local_kinesis.subscription import Subscription, Subscriptions

logger = logging.getLogger(__name__)

TARGET_PREFIX: Final = "Kinesis_20131202."
"""What the X-Amz-Target header of every Kinesis request starts with."""


class Service:
    """Kinesis over one store, by one clock."""

    def __init__(self, store: Store, clock: Clock, faults: Faults | None = None) -> None:
        self.store = store
        self.clock = clock
        self._subscriptions = Subscriptions()
        self._faults = Faults() if faults is None else faults

    def answer(self, operation_name: str, content_type: str, body: bytes) -> Reply | LaterReply:
        """Runs one operation. Whatever is wrong with the request, or with us, is said in the
        answer.
        """
        codec = CBOR if "cbor" in content_type else JSON
        injection: Injection | None = None
        answer: Reply
        try:
            operation = OPERATIONS.get(operation_name)
            if operation is None:
                raise UnknownOperation(
                    f"{operation_name!r} is not supported by the local endpoint, which knows "
                    f"{', '.join(OPERATIONS)}."
                )
            asked, now_ms = codec.decode(operation, body), self.clock.now_ms()
            if self._faults:
                injection = Injection.of(self._faults, operation_name, asked, now_ms)
            if injection is None:
                result = operation.run(self.store, asked, now_ms)
            else:
                result = injection.run(operation.run, self.store, asked, now_ms)
            if injection is not None and injection.breaks_off:
                # Of the answer at most a part is seen: a subscription would have nobody to end it.
                result = None if isinstance(result, Subscription) else result
            answer = self._reply(result, codec, now_ms)
        except ServiceError as error:
            answer = Answer(error.status, codec.CONTENT_TYPE, codec.encode_error(error))
        except Exception:
            # The boundary of the service: a fault of ours must cost the client this request and
            # nobody anything else.
            logger.exception("%s failed", operation_name)
            answer = Answer(500, codec.CONTENT_TYPE, codec.encode({"__type": "InternalFailure"}))
        return answer if injection is None else injection.deliver(answer)

    def _reply(self, result: Result, codec: Codec, now_ms: int) -> Reply:
        """Raises ResourceInUse for a subscription that may not begin yet."""
        if not isinstance(result, Subscription):
            return Answer(200, codec.CONTENT_TYPE, codec.encode(result))
        self._subscriptions.begin(result, now_ms)
        events = self._subscriptions.run(result, self.clock)
        return StreamedAnswer(EVENT_STREAM, messages(events, codec))
