"""moto made to do the same thing twice: time and identifiers are given to it."""

import datetime
import os
import random
from types import ModuleType
from typing import Any

import moto.core.utils
import moto.s3.models
from moto.moto_api._internal import mock_random


class _GivenTime(datetime.datetime):
    """Stands for `datetime` where moto asks what time it is."""

    given: datetime.datetime | None = None

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return datetime.datetime.now(tz) if cls.given is None else cls.given.astimezone(tz)


class _GivenBytes:
    """Stands for `os.urandom`, from which some identifiers are made, those of uploads to S3 for
    one.
    """

    def __init__(self) -> None:
        self.given: random.Random | None = None
        self._real = os.urandom

    def __call__(self, size: int) -> bytes:
        return self._real(size) if self.given is None else self.given.randbytes(size)


_given_bytes = _GivenBytes()


def install() -> None:
    """Has moto's own clock, `moto.core.utils.utcnow`, tell the time given, S3's as well, which asks
    for itself, and the system's random bytes be those given.
    """
    module = ModuleType("datetime")
    module.__dict__.update(vars(datetime), datetime=_GivenTime)
    vars(moto.core.utils)["datetime"] = module
    vars(moto.s3.models)["datetime"] = module
    os.urandom = _given_bytes


def give(time_ms: int, seed: int) -> None:
    """What the next request is to take for now, and to draw its identifiers from."""
    _GivenTime.given = datetime.datetime.fromtimestamp(time_ms / 1000, datetime.UTC)
    _given_bytes.given = random.Random(seed)
    mock_random.seed(seed)


def give_nothing() -> None:
    """Real time again, and identifiers that nobody has seen before."""
    _GivenTime.given = None
    _given_bytes.given = None
    mock_random.seed()
