"""From where a browser may ask: no page of another site, no other name that leads here."""

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from aiohttp import web

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})

Foreign = Literal["foreign_host", "foreign_origin"]


@dataclass(frozen=True, slots=True)
class Origins:
    """What a server answers to."""

    hosts: frozenset[str] | None = None
    """Names that the server answers to; None: to all. On loopback there are few, or a stranger's
    page could reach the server under a name of its own that leads here (DNS rebinding)."""
    allowed: frozenset[str] = frozenset()
    """Further origins, such as https://map.example: those of a proxy before the server."""

    def foreign(self, request: web.Request, *, is_public: bool) -> Foreign | None:
        """Why the request must not be answered; None: it may. What is public may be linked to from
        another site."""
        try:
            return self._foreign(request, is_public)
        except ValueError:
            # Brackets that do not close, for one.
            return "foreign_host"

    def _foreign(self, request: web.Request, is_public: bool) -> Foreign | None:
        host = (urlsplit(f"//{request.headers.get('Host', '')}").hostname or "").lower()
        names = {urlsplit(origin).hostname for origin in self.allowed}
        if self.hosts is not None and host not in self.hosts | names:
            return "foreign_host"
        origin = request.headers.get("Origin")
        if origin is not None and origin not in self.allowed:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or parts.netloc != request.headers.get("Host"):
                # Otherwise any page that somebody visits could ask through that browser.
                return "foreign_origin"
        site = request.headers.get("Sec-Fetch-Site", "none")
        if site not in {"none", "same-origin"} and not is_public:
            return "foreign_origin"
        return None
