"""Says once that something goes wrong, and once that it is over."""

from collections.abc import Callable

CALM_MS = 3000
"""How long all must go well before it counts as over: what comes and goes is one trouble."""


class Trouble:
    """One kind of trouble. `notice` is told a sentence at each change, never at each occurrence."""

    def __init__(self, notice: Callable[[str], None]) -> None:
        self._notice = notice
        self._since_ms: int | None = None
        self._calm_since_ms: int | None = None

    def __bool__(self) -> bool:
        return self._since_ms is not None

    def happens(self, now_ms: int, text: str) -> None:
        """It goes wrong at this moment; `text` says what, and is used when that is news."""
        self._calm_since_ms = None
        if self._since_ms is None:
            self._since_ms = now_ms
            self._notice(text)

    def goes_well(self, now_ms: int, text: str) -> None:
        """All is well at this moment; `text` says so, with {seconds} for how long it was not."""
        if self._since_ms is None:
            return
        if self._calm_since_ms is None:
            self._calm_since_ms = now_ms
        if now_ms - self._calm_since_ms >= CALM_MS:
            seconds = (self._calm_since_ms - self._since_ms) / 1000
            self._since_ms = self._calm_since_ms = None
            self._notice(text.format(seconds=f"{seconds:.1f}"))
