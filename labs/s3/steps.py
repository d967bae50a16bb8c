"""What was done, what a stranger saw then, and what S3's documentation says must be seen."""

from dataclasses import dataclass

from labs.s3.stranger import Seen


@dataclass(frozen=True)
class Step:
    """`expected` and `seen` are HTTP statuses; `source` is the page of the S3 user guide that says
    so.
    """

    done: str
    asked: str
    expected: int
    seen: int
    note: str
    source: str

    @property
    def agrees(self) -> bool:
        return self.expected == self.seen


class Steps:
    """The steps so far, in order."""

    def __init__(self) -> None:
        self.all: list[Step] = []

    def add(
        self,
        done: str,
        asked: str,
        seen: Seen,
        *,
        expected: int,
        source: str,
        body: bytes | None = None,
    ) -> None:
        """With `body` given, the stranger must have got exactly these bytes."""
        compared = "the same bytes" if body is not None and seen.is_body(body) else "other bytes"
        note = "" if body is None else compared
        self.all.append(Step(done, asked, expected, seen.status, note, source))

    @property
    def apart(self) -> list[Step]:
        """Those in which the endpoint does not do what S3 does."""
        return [s for s in self.all if not s.agrees or s.note == "other bytes"]
