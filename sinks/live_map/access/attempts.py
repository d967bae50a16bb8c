"""How often one may be wrong: a few times a minute from one address."""

import ipaddress
from typing import Final

from aiohttp import web

from fleet.clock import Clock

FAILURES_MAX: Final = 10
WINDOW_MS: Final = 60_000
_ADDRESSES_MAX: Final = 10_000


class Attempts:
    """Failures by address, each forgotten after a minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: dict[str, list[int]] = {}

    def wait_s(self, address: str) -> int:
        """How long the address must wait before it may try again; 0: not at all."""
        recent = self._recent(address)
        if len(recent) < FAILURES_MAX:
            return 0
        return max(1, -(-(recent[0] + WINDOW_MS - self._clock.now_ms()) // 1000))

    def failed(self, address: str) -> None:
        """Notes a failure."""
        recent = self._recent(address)
        self._failures.pop(address, None)
        while len(self._failures) >= _ADDRESSES_MAX:
            # Those that failed longest ago.
            del self._failures[next(iter(self._failures))]
        self._failures[address] = [*recent, self._clock.now_ms()][-FAILURES_MAX:]

    def _recent(self, address: str) -> list[int]:
        since_ms = self._clock.now_ms() - WINDOW_MS
        return [time_ms for time_ms in self._failures.get(address, ()) if time_ms > since_ms]


def address_of(request: web.Request) -> str:
    """Where a request comes from, as limits count it: an IPv6 network is one address, since each of
    its machines has 2**64. What a proxy says of it is not believed: anybody can say it."""
    name = (request.remote or "").partition("%")[0]
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        if not address.is_loopback:
            return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def is_loopback(address: str) -> bool:
    """Whether it is this machine."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
