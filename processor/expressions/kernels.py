"""The functions that NumPy computes for a whole column, exactly as analytics_sql/functions says
value by value. EXP, LN, LOG10 and POWER are not among them: NumPy's differ in the last digit from
one processor to the next, and a replay must not.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analytics_sql.expression import Call, Literal
from analytics_sql.functions.date_pattern import pieces
from analytics_sql.functions.times import EARLIEST_MS, LATEST_MS
from analytics_sql.types import UNIT_MS, Kind
from processor.columns import Mask, Vector
from processor.expressions.failure import null_of
from processor.expressions.time_text import TimeWriter, is_plain

Kernel = Callable[[Sequence[Vector]], Vector]
Make = Callable[[Call], Kernel | None]
"""Gives the kernel of a call, None where its arguments are ones that it does not take."""

Numbers = NDArray[Any]
_CALENDAR: Final = {"YEAR": "M8[Y]", "MONTH": "M8[M]"}


def kernel_of(call: Call) -> Kernel | None:
    """The kernel of a call, if it has one."""
    make = _KERNELS.get(call.function)
    return None if make is None else make(call)


def _mapped(compute: Callable[[Numbers], Numbers]) -> Kernel:
    def kernel(vectors: Sequence[Vector]) -> Vector:
        vector = vectors[0]
        return Vector(compute(vector.values), vector.nulls(), failed=vector.failed)

    return kernel


def _failing(vector: Vector, values: Numbers, bad: Mask, why: str) -> Vector:
    """The values; a row that is bad, and not NULL, fails with `why` about its own value."""
    null = vector.nulls()
    if null is not None:
        bad = bad & ~null
    rows: list[int] = np.flatnonzero(bad).tolist()
    failed = {row: why.format(vector.values[row].item()) for row in rows}
    return Vector(values, null, failed={**failed, **vector.failed})


def _absolute(call: Call) -> Kernel | None:
    type = call.type
    if not type.is_integer:
        return _mapped(np.abs)
    smallest = type.integer_range[0]
    return lambda vectors: _failing(
        vectors[0],
        np.abs(vectors[0].values),
        vectors[0].values == smallest,
        f"ABS overflows {type}",
    )


def _whole(up: bool) -> Make:
    def make(call: Call) -> Kernel | None:
        source = call.arguments[0].type
        if source.is_approximate:
            round = np.ceil if up else np.floor
            return _mapped(lambda values: round(values) + 0.0)
        unit = 10 ** source.digits[1]
        if unit >= 2**63:
            return None
        return _mapped(lambda values: -(-values // unit) if up else values // unit)

    return make


def _square_root(call: Call) -> Kernel | None:
    def kernel(vectors: Sequence[Vector]) -> Vector:
        (vector,) = vectors
        bad = vector.values < 0
        roots = np.sqrt(np.where(bad, 0.0, vector.values))
        return _failing(vector, roots, bad, "SQRT takes no number below 0, this is {!r}")

    return kernel


def _start(unit: str, times: Numbers) -> Numbers:
    if unit in UNIT_MS:
        return times // UNIT_MS[unit] * UNIT_MS[unit]
    starts: Numbers = times.astype("M8[ms]").astype(_CALENDAR[unit])
    return starts.astype("M8[ms]").astype(np.int64)


def _rounded(up: bool) -> Make:
    def make(call: Call) -> Kernel | None:
        unit = call.arguments[1]
        assert isinstance(unit, Literal)
        name = str(unit.value)
        if name not in UNIT_MS and (up or name not in _CALENDAR):
            return None
        if name in UNIT_MS and up:
            width_ms = UNIT_MS[name]
            return _mapped(lambda times: -(-times // width_ms) * width_ms)
        return _mapped(lambda times: _start(name, times))

    return make


def _step(call: Call) -> Kernel | None:
    width = call.arguments[1]
    if not isinstance(width, Literal) or not isinstance(width.value, int) or width.value <= 0:
        return None
    size = width.value
    return _mapped(lambda values: values // size * size)


def _extract(call: Call) -> Kernel | None:
    unit, time = call.arguments
    assert isinstance(unit, Literal)
    if time.type.kind is Kind.INTERVAL:
        return None
    field = _FIELDS.get(str(unit.value))
    if field is None:
        return None
    compute = field
    return lambda vectors: _mapped(compute)(vectors[1:])


_FIELDS: Final[Mapping[str, Callable[[Numbers], Numbers]]] = {
    "YEAR": lambda t: t.astype("M8[ms]").astype("M8[Y]").astype(np.int64) + 1970,
    "MONTH": lambda t: t.astype("M8[ms]").astype("M8[M]").astype(np.int64) % 12 + 1,
    "DAY": lambda t: (t - _start("MONTH", t)) // UNIT_MS["DAY"] + 1,
    "HOUR": lambda t: t // UNIT_MS["HOUR"] % 24,
    "MINUTE": lambda t: t // UNIT_MS["MINUTE"] % 60,
}


def _extract_second(call: Call) -> Kernel | None:
    if call.arguments[0].type.kind is Kind.INTERVAL:
        return None
    return _mapped(lambda times: times % UNIT_MS["MINUTE"])


def _to_timestamp(call: Call) -> Kernel | None:
    def kernel(vectors: Sequence[Vector]) -> Vector:
        times = vectors[0].values
        bad = (times < EARLIEST_MS) | (times > LATEST_MS)
        why = "{} ms is no time of the years 1 to 9999"
        return _failing(vectors[0], times, bad, why)

    return kernel


def _difference(call: Call) -> Kernel | None:
    if any(argument.type.is_integer for argument in call.arguments):
        return None

    def kernel(vectors: Sequence[Vector]) -> Vector:
        one, other = vectors
        failed = {**other.failed, **one.failed}
        return Vector(np.abs(one.values - other.values), null_of(one, other), failed=failed)

    return kernel


def _verdict(truth: bool) -> Make:
    def kernel(vectors: Sequence[Vector]) -> Vector:
        (vector,) = vectors
        held = vector.values == truth
        return Vector(held if vector.null is None else held & ~vector.null, failed=vector.failed)

    return lambda call: kernel


def _time_to_text(null: str | None) -> Make:
    def make(call: Call) -> Kernel | None:
        pattern = call.arguments[0]
        if not isinstance(pattern, Literal) or not isinstance(pattern.value, str):
            return None
        taken_apart = pieces(pattern.value)
        if not is_plain(taken_apart):
            return None
        write = TimeWriter(taken_apart, null)
        return lambda vectors: write(vectors[1])

    return make


_KERNELS: Final[Mapping[str, Make]] = {
    "ABS": _absolute,
    "FLOOR": _whole(up=False),
    "CEIL": _whole(up=True),
    "SQRT": _square_root,
    "FLOOR TO": _rounded(up=False),
    "CEIL TO": _rounded(up=True),
    "STEP": _step,
    "STEP NUMBER": _step,
    "EXTRACT": _extract,
    "EXTRACT SECOND": _extract_second,
    "UNIX_TIMESTAMP": lambda call: _mapped(lambda times: times),
    "TO_TIMESTAMP": _to_timestamp,
    "TSDIFF": _difference,
    "TIMESTAMP_TO_CHAR": _time_to_text("null"),
    "DATE_TO_CHAR": _time_to_text(None),
    "TIME_TO_CHAR": _time_to_text(None),
    "IS TRUE": _verdict(True),
    "IS FALSE": _verdict(False),
}
