"""What a storm does, drawn from a seed: a pure list that can be printed and played again.

All times are seconds of the storm's own fast clock, from its beginning.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["processor", "simulator", "endpoint"]
POISON: Mapping[str, bytes] = {
    "cut": b"{",
    "no UTF-8": b"\xff\xfe",
    "nothing": b"",
    "NUL": b"\x00" * 100,
    "wrong type": b'{"Name":"Poison","Distance":"far"}',
    "nested": b"[" * 5000,
    "infinite": b'{"Name":"Poison","Distance":1e999}',
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at a time."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Kill(Event):
    """A process gets a signal; whoever looks after it starts another later."""

    role: Role
    signal: Literal["SIGKILL", "SIGTERM"]
    restart_s: float


@dataclass(frozen=True, slots=True)
class Pause(Event):
    """A processor stands still (SIGSTOP), a successor starts, and the old one goes on (SIGCONT)."""

    length_s: float


@dataclass(frozen=True, slots=True)
class Freeze(Event):
    """A process stands still and nobody takes its place."""

    role: Role
    length_s: float


@dataclass(frozen=True, slots=True)
class Reshard(Event):
    """Of the open shards, in the order of their hash keys; `place` is counted round."""

    how: Literal["split", "merge", "count"]
    place: int


@dataclass(frozen=True, slots=True)
class Trouble(Event):
    """A fault of the endpoint (docs/local-endpoint-faults.md) for a while."""

    fault: Mapping[str, Any]
    length_s: float


@dataclass(frozen=True, slots=True)
class Poison(Event):
    """A record that is no reading: one of POISON."""

    what: str


@dataclass(frozen=True, slots=True)
class WrongClock(Event):
    """The processor is killed; the next one's clock is wrong by so much."""

    by_s: int


@dataclass(frozen=True, slots=True)
class FullDisk(Event):
    """No space is left for snapshots and dead letters."""

    length_s: float


_ROLES: tuple[Role, ...] = ("processor", "simulator", "endpoint")
_FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "throttle", "operation": "GetRecords", "probability": 0.5},
    {"kind": "throttle", "operation": "PutRecords", "probability": 0.5},
    {"kind": "partial_failure", "probability": 0.5},
    {"kind": "internal_failure", "probability": 0.3},
    {"kind": "unavailable", "probability": 0.3},
    {"kind": "delay", "operation": "GetRecords", "delay_ms": 1500, "probability": 0.3},
    {"kind": "reset_before", "probability": 0.2},
    {"kind": "reset_after", "operation": "PutRecords", "probability": 0.2},
    {"kind": "truncate", "operation": "GetRecords", "probability": 0.3},
    {"kind": "expired_iterator", "probability": 0.3},
    {"kind": "stall", "probability": 0.5},
    {"kind": "reshard", "operation": "PutRecords", "stream": "wildrydes", "times": 1},
    {"kind": "throttle", "service": "dynamodb", "probability": 0.5},
    {"kind": "internal_failure", "service": "dynamodb", "probability": 0.5},
    {"kind": "reset_after", "service": "dynamodb", "probability": 0.3},
    {"kind": "delay", "service": "dynamodb", "delay_ms": 500, "probability": 0.3},
    {"kind": "internal_failure", "service": "s3", "probability": 0.7},
    {"kind": "throttle", "service": "s3", "probability": 0.7},
    {"kind": "reset_after", "service": "s3", "probability": 0.5},
)


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much of everything."""

    kills: int
    """Of all kinds: kills, pauses, freezes and wrong clocks."""
    reshards: int
    faults: int
    poison: int
    full_disks: int


def amounts(minutes: float) -> Amounts:
    """What a storm of so many minutes of the machine's clock does, unless told otherwise."""
    return Amounts(
        kills=max(4, round(12 * minutes)),
        reshards=max(2, round(3 * minutes)),
        faults=max(2, round(5 * minutes)),
        poison=max(2, round(5 * minutes)),
        full_disks=max(1, round(0.5 * minutes)),
    )


def make_plan(seed: int, length_s: float, wanted: Amounts) -> list[Event]:
    """The events of a storm, in order. The first and the last tenth are calm."""
    rng = random.Random(seed)

    def at() -> float:
        return round(rng.uniform(0.1, 0.9) * length_s, 1)

    events: list[Event] = [_kill(rng, at()) for _ in range(wanted.kills)]
    for _ in range(wanted.reshards):
        events.append(Reshard(at(), rng.choice(["split", "merge", "count"]), rng.randrange(16)))
    for _ in range(wanted.faults):
        fault = {**rng.choice(_FAULTS), "seed": rng.randrange(1000)}
        events.append(Trouble(at(), fault, float(rng.randint(20, 120))))
    events += [Poison(at(), rng.choice(list(POISON))) for _ in range(wanted.poison)]
    events += [FullDisk(at(), float(rng.randint(20, 80))) for _ in range(wanted.full_disks)]
    return sorted(events, key=lambda event: event.at_s)


def _kill(rng: random.Random, at_s: float) -> Event:
    drawn = rng.random()
    if drawn < 0.15:
        return Pause(at_s, float(rng.randint(40, 160)))
    if drawn < 0.22:
        return Freeze(at_s, rng.choice(_ROLES), 30.0)
    if drawn < 0.32:
        return WrongClock(at_s, rng.choice([-86_400, -7200, -60, 60, 7200, 86_400]))
    role = rng.choices(_ROLES, [70, 15, 15])[0]
    signal: Literal["SIGKILL", "SIGTERM"] = "SIGKILL" if rng.random() < 0.7 else "SIGTERM"
    return Kill(at_s, role, signal, float(rng.choice([0, 0, 10, 60])))
