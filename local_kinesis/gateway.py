"""Who answers a request: Kinesis here, the endpoint itself, or moto."""

from typing import Final

import msgspec

from local_kinesis.forwarder import Client, Forwarder
from local_kinesis.http_message import RequestHead
from local_kinesis.moto_server import MotoServer
from local_kinesis.service import Answer, Service
from local_kinesis.upload import Upload

BODY_BYTES_MAX: Final = 16 * 1024 * 1024
"""How large a body may be that is answered here. A PutRecords at its limit, 10 MiB of data in
Base64 and 500 keys of nothing but escapes, is 15 MB.
"""

_JSON: Final = "application/json"


class Gateway:
    """One URL for everything."""

    def __init__(self, service: Service, moto: MotoServer | None) -> None:
        self.service = service
        self._moto = moto
        self._forwarder = Forwarder(moto) if moto else None

    def forwards(self, head: RequestHead) -> bool:
        """Whether the request goes on to moto, its body unread."""
        return self._forwarder is not None and head.operation is None and not head.is_admin

    def answer(self, head: RequestHead, body: bytes) -> Answer:
        """Answers a request that is not forwarded."""
        if head.is_admin:
            return self._administer(head)
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

    async def forward(self, head: RequestHead, upload: Upload, client: Client) -> bool:
        """See Forwarder.forward; only for a request that `forwards`."""
        assert self._forwarder is not None
        return await self._forwarder.forward(head, upload, client)

    def _administer(self, head: RequestHead) -> Answer:
        if head.url.partition(b"?")[0] != b"/_local/health":
            return _error(404, "NotFound", "there is only /_local/health")
        if head.method not in (b"GET", b"HEAD"):
            return _error(405, "MethodNotAllowed", "/_local/health is asked with GET")
        health = {
            "status": "ok",
            "moto": self._moto.state if self._moto else "off",
            "kinesis": msgspec.to_builtins(self.service.store.size()),
        }
        return Answer(200, _JSON, msgspec.json.encode(health))


def _error(status: int, kind: str, message: str) -> Answer:
    return Answer(status, _JSON, msgspec.json.encode({"__type": kind, "message": message}))
