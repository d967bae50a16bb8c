"""A Lambda endpoint in this process: GetFunctionConfiguration and Invoke as they are on the wire,
with a Python function behind. No SDK, no runtime.
"""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Function = Callable[[dict[str, Any]], Any]


class FunctionFailed(Exception):
    """The function raised: the call is answered with 200 and X-Amz-Function-Error."""


@dataclass
class LambdaEndpoint:
    """`troubles` are had one an invocation, in order, then none: an HTTP status with its code."""

    functions: dict[str, Function] = field(default_factory=dict)
    states: dict[str, list[str]] = field(default_factory=dict)
    troubles: list[tuple[int, str]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    payload_bytes: list[int] = field(default_factory=list)
    url: str = ""

    async def configuration(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self.functions:
            return refusal(404, "ResourceNotFoundException", f"Function not found: {name}")
        states = self.states.get(name) or ["Active"]
        state = states.pop(0) if len(states) > 1 else states[0]
        arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
        return web.json_response({"FunctionName": name, "FunctionArn": arn, "State": state})

    async def invoke(self, request: web.Request) -> web.Response:
        payload = await request.read()
        self.payload_bytes.append(len(payload))
        if self.troubles:
            status, code = self.troubles.pop(0)
            return refusal(status, code, "not now")
        event = json.loads(payload)
        self.events.append(event)
        try:
            answer = self.functions[request.match_info["name"]](event)
        except FunctionFailed as error:
            failure = {"errorMessage": str(error), "errorType": "RuntimeError"}
            return web.json_response(failure, headers={"X-Amz-Function-Error": "Unhandled"})
        return web.Response(body=answer if isinstance(answer, bytes) else json.dumps(answer))


def refusal(status: int, code: str, message: str) -> web.Response:
    return web.json_response(
        {"Message": message}, status=status, headers={"x-amzn-ErrorType": code}
    )


@asynccontextmanager
async def running_endpoint() -> AsyncIterator[LambdaEndpoint]:
    endpoint = LambdaEndpoint()
    app = web.Application(client_max_size=16 * 1024 * 1024)
    base = "/2015-03-31/functions/{name}"
    app.router.add_get(f"{base}/configuration", endpoint.configuration)
    app.router.add_post(f"{base}/invocations", endpoint.invoke)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    endpoint.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield endpoint
    finally:
        await runner.cleanup()
