"""The service over HTTP, for boto3 and every other client of AWS's: `--endpoint-url` leads here.

POST / is SageMaker itself (JSON 1.1: the operation is in the header X-Amz-Target); POST
/endpoints/NAME/invocations is its runtime.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from aiohttp import web

from fleet.errors import FleetError
from fleet.listening import cannot_listen
from labs.sagemaker.service.endpoint import ModelFault
from labs.sagemaker.service.fault import Invalid, ServiceFault
from labs.sagemaker.service.service import LocalSageMaker

TARGET = "SageMaker."
JSON = "application/x-amz-json-1.1"
BODY_BYTES_MAX = 6 * 2**20
"""That of InvokeEndpoint (API reference)."""
SHUTDOWN_S = 1.0
HANDED_ON = ("Content-Type", "Accept", "X-Amzn-SageMaker-Custom-Attributes")
"""To the container."""


class Gateway:
    """`async with Gateway(service, host, port) as gateway: gateway.url`. Port 0 takes a free one.
    Raises ConfigError when the port is taken.
    """

    def __init__(self, service: LocalSageMaker, host: str = "127.0.0.1", port: int = 0) -> None:
        self._service = service
        self._host = host
        self._port = port
        app = web.Application(client_max_size=BODY_BYTES_MAX)
        app.router.add_post("/", self._call)
        app.router.add_post("/endpoints/{name}/invocations", self._invoke)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)

    @property
    def url(self) -> str:
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise cannot_listen(self._host, self._port, error) from None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    async def _call(self, request: web.Request) -> web.Response:
        target = request.headers.get("X-Amz-Target", "")
        try:
            try:
                content = json.loads(await request.read() or b"{}")
            except ValueError as error:
                raise Invalid(f"the body is not JSON: {error}") from None
            answer = await self._service.call(target.removeprefix(TARGET), content)
        except FleetError as error:
            return _refusal(error)
        return _json(answer, 200)

    async def _invoke(self, request: web.Request) -> web.Response:
        headers = {key: request.headers[key] for key in HANDED_ON if key in request.headers}
        try:
            reply, variant = await self._service.endpoints.invoke(
                request.match_info["name"],
                await request.read(),
                headers,
                request.headers.get("X-Amzn-SageMaker-Target-Variant"),
            )
        except ModelFault as error:
            original = {
                "OriginalStatusCode": error.original_status,
                "OriginalMessage": error.original_message,
            }
            return _refusal(error, {"X-Amzn-ErrorType": error.code}, original)
        except FleetError as error:
            return _refusal(error, {"X-Amzn-ErrorType": "ValidationError"})
        return web.Response(
            body=reply.body,
            headers={
                "Content-Type": reply.content_type,
                "x-Amzn-Invoked-Production-Variant": variant,
            },
        )


def _refusal(
    error: FleetError,
    headers: Mapping[str, str] = {},
    members: Mapping[str, Any] = {},
) -> web.Response:
    fault = error if isinstance(error, ServiceFault) else Invalid(str(error))
    message = f"{error}. {error.remedy}" if error.remedy else str(error)
    body = {"__type": fault.code, "Message": message, "message": message, **members}
    return _json(body, fault.status, headers)


def _json(content: Mapping[str, Any], status: int, headers: Mapping[str, str] = {}) -> web.Response:
    text = json.dumps(content, default=_seconds)
    return web.Response(
        text=text,
        status=status,
        content_type=JSON,
        headers={"x-amzn-RequestId": str(uuid4()), **headers},
    )


def _seconds(value: Any) -> float:
    assert isinstance(value, datetime)
    return value.timestamp()
