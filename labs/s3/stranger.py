"""Somebody without credentials, who knows the address."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp

from fleet.errors import TransientError


@dataclass(frozen=True)
class Seen:
    """What came back."""

    status: int
    body: bytes
    media_type: str

    def is_body(self, expected: bytes) -> bool:
        return self.status == 200 and self.body == expected


class Stranger:
    """Gets a bucket's objects over plain HTTP. `address` is the bucket's, without an end."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._http.close()

    async def get(self, key: str, version: str | None = None) -> Seen:
        """Raises TransientError when there is no answer."""
        params = {} if version is None else {"versionId": version}
        try:
            async with self._http.get(f"{self.address}/{key}", params=params) as answer:
                return Seen(answer.status, await answer.read(), answer.content_type)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TransientError(f"{self.address} does not answer: {error}") from None
