"""Who answers a request: Kinesis here, the endpoint itself, or moto."""

from typing import Final

import msgspec

from local_kinesis.admin import Admin
from local_kinesis.answer import Answer, LaterReply, Reply
from local_kinesis.exchange import Exchange
from local_kinesis.faults.faults import Faults
from local_kinesis.faults.forwarded import forward_in_trouble, request_of
from local_kinesis.forwarder import Forwarder
from local_kinesis.http_message import RequestHead
from local_kinesis.moto_server import MotoServer
from local_kinesis.service import Service
from local_kinesis.upload import Upload

BODY_BYTES_MAX: Final = 16 * 1024 * 1024
"""How large a body may be that is answered here. A PutRecords at its limit, 10 MiB of data in
Base64 and 500 keys of nothing but escapes, is 15 MB.
"""

_JSON: Final = "application/json"


class Gateway:
    """One URL for everything."""

    def __init__(
        self, service: Service, moto: MotoServer | None, admin: Admin, faults: Faults
    ) -> None:
        self.service = service
        self._admin = admin
        self._faults = faults
        self._forwarder = Forwarder(moto) if moto else None

    def forwards(self, head: RequestHead) -> bool:
        """Whether the request goes on to moto, its body unread."""
        return self._forwarder is not None and head.operation is None and not head.is_admin

    def answer(self, head: RequestHead, body: bytes) -> Reply | LaterReply:
        """Answers a request that is not forwarded: whole where it can, see exchange.deliver for the
        rest.
        """
        if head.is_admin:
            return self._admin.answer(head, body)
        operation = head.operation
        if operation is None:
            message = (
                "only Kinesis is served here; start `wildrydes local` without --kinesis-only "
                "for DynamoDB, S3 and the rest"
            )
            return _error(501, "NotImplemented", message)
        if head.method != b"POST":
            return _error(405, "MethodNotAllowed", "Kinesis is asked with POST")
        return self.service.answer(operation, head.content_type.decode("latin-1"), body)

    async def forward(self, head: RequestHead, upload: Upload, exchange: Exchange) -> None:
        """See Forwarder.forward; only for a request that `forwards`."""
        assert self._forwarder is not None
        struck = self._faults.striking(request_of(head)) if self._faults else []
        if struck:
            await forward_in_trouble(struck, head, upload, exchange, self._forwarder.forward)
        else:
            await self._forwarder.forward(head, upload, exchange)


def _error(status: int, kind: str, message: str) -> Answer:
    return Answer(status, _JSON, msgspec.json.encode({"__type": kind, "message": message}))
