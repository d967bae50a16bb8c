"""Real clients whose calls are counted, lose their answers, or are where the process dies."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ReadTimeoutError

from awsio.clients import AwsClients
from fleet.settings import AwsSettings

Around = Callable[[str, bool], None]
"""Told the operation's name before it (False) and after it (True); may raise."""


class WatchedClients(AwsClients):
    """The clients of `aws`, with `around` told of every call."""

    def __init__(self, aws: AwsClients, around: Around) -> None:
        super().__init__(AwsSettings())
        self._aws = aws
        self._around = around

    async def dynamodb(self) -> Any:
        return _Watched(await self._aws.dynamodb(), self._around)

    async def s3(self) -> Any:
        return _Watched(await self._aws.s3(), self._around)


class _Watched:
    def __init__(self, client: Any, around: Around) -> None:
        self._client = client
        self._around = around

    def __getattr__(self, name: str) -> Any:
        if name == "meta":
            return self._client.meta

        async def call(**arguments: Any) -> Any:
            self._around(name, False)
            answer = await getattr(self._client, name)(**arguments)
            self._around(name, True)
            return answer

        return call


class LosesAnswers:
    """Each operation of that name is done, but the answer to every second one is lost."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.lost = 0
        self._calls = 0

    def __call__(self, name: str, is_done: bool) -> None:
        if is_done and name in self.names:
            self._calls += 1
            if self._calls % 2:
                self.lost += 1
                raise ReadTimeoutError(endpoint_url="http://127.0.0.1")
