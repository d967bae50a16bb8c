"""A time in a result. Each protocol writes it in its own unit."""


class Moment:
    """Milliseconds since 1970: JSON writes them as seconds with a fraction, CBOR as they are.

    A plain class, because msgspec would write a dataclass down as an object of its members.
    """

    __slots__ = ("ms",)

    def __init__(self, ms: int) -> None:
        self.ms = ms

    @property
    def seconds(self) -> float:
        """As JSON has it."""
        return self.ms / 1000

    def __repr__(self) -> str:
        return f"Moment({self.ms})"
