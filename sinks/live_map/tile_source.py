"""A base map of somebody else's: tiles by an address that the operator configures."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from fleet.errors import ConfigError

_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?")
_PLACES: Final = ("{z}", "{x}", "{y}")
_PATH: Final = re.compile(r"[^\s\"'<>;]+")
ATTRIBUTION_CHARACTERS_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class TileSource:
    """Where tiles come from and whom to thank for them.

    Raises ConfigError for an address that is none of tiles, or without an attribution: every
    provider asks for one.
    """

    url: str
    """Like https://tiles.example/{z}/{x}/{y}.png; {r} becomes @2x on sharp screens."""
    attribution: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if (
            parts.scheme not in {"http", "https"}
            or not _HOST.fullmatch(parts.netloc)
            or not _PATH.fullmatch(self.url)
            or not all(place in self.url for place in _PLACES)
        ):
            raise ConfigError(
                f"'{self.url}' is not an address of tiles",
                remedy="Give one like https://tiles.example/{z}/{x}/{y}.png, with one host.",
            )
        if not self.attribution.strip() or len(self.attribution) > ATTRIBUTION_CHARACTERS_MAX:
            raise ConfigError(
                "tiles need an attribution of 1 to 300 characters",
                remedy="Say with --tiles-attribution what their provider asks to be named as.",
            )

    @property
    def origin(self) -> str:
        """The one host that the page may ask for pictures."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"
