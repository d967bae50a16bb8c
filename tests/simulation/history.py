"""What happens to a stream and its processors, drawn from a seed: a list that can be printed, cut
shorter, and played again.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal

NAMES = ("Aethon", "Babieca", "Copenhagen", "Dhuldul")
WINDOW_MS = 2000
LENGTH_MS = 6000
"""The last event's time: three windows."""

Part = Literal["stream", "rows", "summary", "archive", "snapshots"]
"""What can be in trouble."""
Trouble = Literal["fails", "loses answers", "is slow", "takes a part"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens `at_ms` after the beginning."""

    at_ms: int

    def __str__(self) -> str:
        shown = (f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if f.name != "at_ms")
        return f"{self.at_ms:6} ms  {type(self).__name__}({', '.join(shown)})"


@dataclass(frozen=True, slots=True)
class Put(Event):
    """A reading."""

    name: str
    distance: float
    magic_points: int


@dataclass(frozen=True, slots=True)
class Poison(Event):
    """A record that is no reading; `#` becomes its number."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Split(Event):
    """The `place`-th open shard, counted round."""

    place: int


@dataclass(frozen=True, slots=True)
class Merge(Event):
    """The `place`-th open shard and its neighbour."""

    place: int


@dataclass(frozen=True, slots=True)
class Kill(Event):
    """The newest processor dies after `steps` more of its steps; another starts later."""

    steps: int
    restart_ms: int


@dataclass(frozen=True, slots=True)
class Pause(Event):
    """The newest processor stands still after `steps` more of its steps. It is taken for dead, a
    successor starts, and then the old one goes on.
    """

    steps: int
    successor_ms: int
    resume_ms: int


@dataclass(frozen=True, slots=True)
class Second(Event):
    """Another processor of the same application starts while the first one runs."""


@dataclass(frozen=True, slots=True)
class Stop(Event):
    """The newest processor is asked to stop, as by SIGTERM; another starts later."""

    restart_ms: int


@dataclass(frozen=True, slots=True)
class Outage(Event):
    """A part is in trouble for a while; each call to it with a probability of `share`."""

    part: Part
    trouble: Trouble
    length_ms: int
    share: float


@dataclass(frozen=True, slots=True)
class ClockJump(Event):
    """The processors' own clock is set; the stream's is right."""

    by_ms: int


@dataclass(frozen=True, slots=True)
class Trim(Event):
    """Retention takes the records that are done with, and ended shards that are empty."""


@dataclass(frozen=True, slots=True)
class History:
    """What happens under one seed; the seed decides the order of steps and all latencies too."""

    seed: int
    shards: int
    begin_ms: int
    """On the stream's clock: near the end of a minute, where the archive cuts its objects."""
    events: Sequence[Event]
    kept: Sequence[int] | None = None
    """Of the seed's own events those that are left, when it was cut."""

    def only(self, kept: Sequence[int]) -> "History":
        """The same history with some of its events."""
        return replace(self, events=[self.events[i] for i in kept], kept=kept)

    def __str__(self) -> str:
        head = f"seed {self.seed}: {self.shards} shards"
        return "\n".join([head, *map(str, self.events)])


def make_history(seed: int) -> History:
    """The history of a seed."""
    rng = random.Random(seed)
    events: list[Event] = [_record(rng) for _ in range(rng.randint(6, 32))]
    for make, at_most in (
        (_kill, 3),
        (_pause, 1),
        (_reshard, 5),
        (_outage, 3),
        (_clock_jump, 2),
        (_trim, 2),
        (_second, 1),
        (_stop, 1),
    ):
        events += [make(rng) for _ in range(rng.randint(0, at_most))]
    # Some shards, and some whole spans of a history, are idle.
    if rng.random() < 0.3:
        begin = rng.randrange(LENGTH_MS)
        events = [
            event
            for event in events
            if not isinstance(event, Put) or not begin <= event.at_ms < begin + 2 * WINDOW_MS
        ]
    return History(
        seed=seed,
        shards=rng.randint(1, 3),
        begin_ms=1_767_225_600_000 - rng.randrange(LENGTH_MS),
        events=sorted(events, key=lambda event: event.at_ms),
    )


def _at(rng: random.Random) -> int:
    return rng.randrange(LENGTH_MS)


def _record(rng: random.Random) -> Event:
    name = rng.choice(NAMES)
    if rng.random() < 0.1:
        data = rng.choice([b"{", b"\xff", b'{"Distance":"far","Number":#}', b"", b"\x00" * 9])
        return Poison(_at(rng), name, data)
    # A plain sum of these depends on their order; now and then one does not fit its column.
    distance = 40_000.0 if rng.random() < 0.02 else rng.uniform(29, 31)
    return Put(_at(rng), name, distance, rng.randint(100, 200))


def _kill(rng: random.Random) -> Event:
    return Kill(_at(rng), rng.randrange(60), rng.choice([0, 0, 50, 500, 2500]))


def _pause(rng: random.Random) -> Event:
    successor_ms = rng.choice([0, 100, 1000])
    return Pause(_at(rng), rng.randrange(60), successor_ms, successor_ms + rng.randrange(3000))


def _reshard(rng: random.Random) -> Event:
    kind = Split if rng.random() < 0.5 else Merge
    return kind(_at(rng), rng.randrange(8))


def _outage(rng: random.Random) -> Event:
    part: Part = rng.choice(["stream", "rows", "summary", "archive", "snapshots"])
    trouble: Trouble = rng.choice(["fails", "loses answers", "is slow", "takes a part"])
    return Outage(_at(rng), part, trouble, rng.randrange(3000), rng.choice([0.2, 0.6, 1.0]))


def _clock_jump(rng: random.Random) -> Event:
    return ClockJump(_at(rng), rng.choice([-7_200_000, -3000, -500, 500, 3000, 86_400_000]))


def _trim(rng: random.Random) -> Event:
    return Trim(_at(rng))


def _second(rng: random.Random) -> Event:
    return Second(_at(rng))


def _stop(rng: random.Random) -> Event:
    return Stop(_at(rng), rng.choice([0, 100, 1500]))
