"""Which door the map has: checked before anything starts, and opened."""

import ipaddress
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from awsio.clients import AwsClients
from fleet.clock import SystemClock
from fleet.errors import ConfigError
from fleet.settings import MAP_TOKEN, AwsSettings
from sinks.live_map.access.cognito import POOL_ID, cognito_door, is_aws
from sinks.live_map.access.door import TOKEN_CHARACTERS_MIN, Door, OpenDoor, TokenDoor
from sinks.live_map.access.gate import Gate
from sinks.live_map.access.origins import LOOPBACK_NAMES, Origins
from sinks.live_map.access.sessions import Spent

Mode = Literal["none", "token", "cognito"]


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """Who may look at the map, as the command line says it."""

    mode: Mode = "none"
    identity_pool_id: str | None = None
    token_file: Path | None = None
    token: str | None = None
    """From the environment."""
    origins: tuple[str, ...] = ()
    """From where browsers come, beside the map's own address: a proxy's."""

    def check(self, host: str, aws_settings: AwsSettings) -> None:
        """Raises ConfigError when this cannot be, or would show the map to strangers."""
        if self.mode == "none" and not is_loopback_host(host):
            raise ConfigError(
                f"with --auth none whoever reaches {host} sees every unicorn",
                remedy=f"give --auth token with --token-file or {MAP_TOKEN}, or --auth cognito "
                "with --identity-pool-id; or listen on 127.0.0.1",
            )
        if self.mode == "token":
            self.read_token()()
        if self.mode == "cognito" and not self.identity_pool_id:
            if is_aws(aws_settings):
                raise ConfigError("--auth cognito needs --identity-pool-id")
        elif self.mode == "cognito" and POOL_ID.fullmatch(self.identity_pool_id or "") is None:
            raise ConfigError(
                f"{self.identity_pool_id!r} is no identity pool id",
                remedy="one looks like us-east-1:12345678-abcd-1234-abcd-123456789012",
            )
        for origin in self.origins:
            parts = urlsplit(origin)
            if (
                parts.scheme not in {"http", "https"}
                or origin != f"{parts.scheme}://{parts.netloc}"
            ):
                raise ConfigError(
                    f"{origin!r} is no origin", remedy="one looks like https://map.example"
                )

    def read_token(self) -> Callable[[], str]:
        """Gives the token as it is now. A file that cannot be read for a moment, while it is being
        replaced, leaves it as it was. Raises ConfigError for the first one."""
        if self.token_file is None:
            token = _checked(self.token or "", f"environment variable {MAP_TOKEN}")
            return lambda: token
        path, last = self.token_file, [_token_of(self.token_file)]

        def read() -> str:
            with suppress(ConfigError):
                last[0] = _token_of(path)
            return last[0]

        return read


@asynccontextmanager
async def open_gate(
    settings: AccessSettings,
    aws_settings: AwsSettings,
    host: str,
    *,
    secret: bytes | None = None,
    spent: Spent | None = None,
) -> AsyncIterator[Gate]:
    """The gate that the settings describe, while inside. Raises ConfigError."""
    settings.check(host, aws_settings)
    # Sessions are as long for a map of a fast clock as for any other.
    clock = SystemClock()
    hosts = LOOPBACK_NAMES if is_loopback_host(host) else None
    origins = Origins(hosts, frozenset(settings.origins))
    pool_id = settings.identity_pool_id or ""
    # A pool is where its id says.
    region = pool_id.partition(":")[0] or aws_settings.region
    async with AwsClients(replace(aws_settings, region=region)) as aws:
        door: Door = OpenDoor()
        if settings.mode == "token":
            door = TokenDoor(settings.read_token(), clock)
        elif settings.mode == "cognito":
            door = await cognito_door(aws, aws_settings, pool_id, clock)
        yield Gate(door, clock, origins, secret=secret, spent=spent)


def is_loopback_host(host: str) -> bool:
    """Whether a server that listens there is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _token_of(path: Path) -> str:
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", remedy="check --token-file") from None
    return _checked(text.strip(), str(path))


def _checked(token: str, where: str) -> str:
    if len(token) < TOKEN_CHARACTERS_MIN:
        raise ConfigError(
            f"{where} has no token of {TOKEN_CHARACTERS_MIN} characters or more",
            remedy="make one: python3 -c 'import secrets; print(secrets.token_urlsafe())'",
        )
    return token
