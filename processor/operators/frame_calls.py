"""The calls of a sliding window that need to know single rows of the frame, or of ROWS frames.

Each takes the values of one key as they enter the frame and as they leave it, oldest first, and
says the result at the row that entered last. Sums are kept as integers of any size: what leaves
takes away exactly what it brought. A row costs the same however long the frame is.
"""

from collections import deque
from typing import Any, Protocol

from analytics_sql.plan import Analytic, Frame
from analytics_sql.types import DOUBLE
from processor.operators.decay import HALVINGS_MAX
from processor.operators.double_sum import SMALLEST_BITS, units_of
from processor.operators.measure import VARIANCES, natural_type
from processor.operators.variance import variance


class FrameCall(Protocol):
    """One call over the frame of one key."""

    def enter(self, value: Any, time_ms: int) -> None:
        """A row comes, the youngest of the frame."""
        ...

    def leave(self, value: Any) -> None:
        """The oldest row of the frame goes; it had this value."""
        ...

    def result(self, default: Any) -> Any:
        """At the row that came last, None for NULL. Raises OverflowError."""
        ...

    def dump(self) -> Any:
        """The state, for a frame whose rows are not kept, as nothing ever leaves it."""
        ...

    def load(self, state: Any) -> None:
        """The inverse of dump."""
        ...


def frame_call(call: Analytic) -> FrameCall:
    """What computes a call for one key."""
    function = call.function
    if function in ("MIN", "MAX"):
        return Extreme(largest=function == "MAX")
    if function in ("ANY", "EVERY"):
        return Extreme(largest=function == "ANY")
    if function in ("LAG", "NTH_VALUE", "FIRST_VALUE", "LAST_VALUE"):
        return Place(call)
    if function == "EXP_AVG":
        return Fading(call)
    return Moments(call)


class Extreme:
    """MIN or MAX: the values that can still become it, the present one first."""

    def __init__(self, *, largest: bool) -> None:
        self._largest = largest
        self._candidates: deque[tuple[int, Any]] = deque()
        self._entered = self._left = 0

    def enter(self, value: Any, time_ms: int) -> None:
        """See FrameCall."""
        self._entered += 1
        if value is None:
            return
        candidates = self._candidates
        if self._largest:
            while candidates and candidates[-1][1] <= value:
                candidates.pop()
        else:
            while candidates and candidates[-1][1] >= value:
                candidates.pop()
        candidates.append((self._entered, value))

    def leave(self, value: Any) -> None:
        """See FrameCall."""
        self._left += 1
        if self._candidates and self._candidates[0][0] == self._left:
            self._candidates.popleft()

    def result(self, default: Any) -> Any:
        """See FrameCall."""
        return self._candidates[0][1] if self._candidates else None

    def dump(self) -> Any:
        """See FrameCall."""
        return [self._entered, list(self._candidates)]

    def load(self, state: Any) -> None:
        """See FrameCall."""
        self._entered, candidates = state
        self._candidates.extend((number, value) for number, value in candidates)


class Place:
    """FIRST_VALUE, LAST_VALUE, NTH_VALUE and LAG: the value at a place of the frame."""

    def __init__(self, call: Analytic) -> None:
        self._ignore_nulls = call.ignore_nulls
        offset = call.offset or 0
        self._lag = call.function == "LAG"
        self._place = {
            "FIRST_VALUE": 0,
            "LAST_VALUE": -1,
            "NTH_VALUE": -offset if call.from_last else offset - 1,
            "LAG": -1 - offset,
        }[call.function]
        # Where nothing leaves, the values that no result can need are not kept.
        unbounded = call.frame == Frame()
        self._most = self._place + 1 if unbounded and self._place >= 0 else None
        newest = -self._place + 1 if unbounded and self._place < 0 else None
        self._values: deque[Any] = deque(maxlen=newest)
        self._null_now = False

    def enter(self, value: Any, time_ms: int) -> None:
        """See FrameCall."""
        self._null_now = value is None
        if self._null_now and self._ignore_nulls:
            return
        if self._most is None or len(self._values) < self._most:
            self._values.append(value)

    def leave(self, value: Any) -> None:
        """See FrameCall."""
        if not (value is None and self._ignore_nulls):
            self._values.popleft()

    def result(self, default: Any) -> Any:
        """See FrameCall."""
        place = self._place
        if self._lag and self._ignore_nulls and self._null_now:
            # The row itself is passed over: those before it stand one place nearer.
            if place == -1:
                return None
            place += 1
        values = self._values
        return values[place] if -len(values) <= place < len(values) else default

    def dump(self) -> Any:
        """See FrameCall."""
        return list(self._values)

    def load(self, state: Any) -> None:
        """See FrameCall."""
        self._values.extend(state)


class Moments:
    """COUNT, SUM, AVG, VAR and STDDEV, from the exact sums of the values and of their squares."""

    def __init__(self, call: Analytic) -> None:
        self._function = call.function
        self._counts_rows = call.argument is None
        self._counts_only = call.function == "COUNT"
        type = natural_type(call) if call.argument is None else call.argument.type
        self._exact = not type.is_approximate
        self._bits = 0 if self._exact else SMALLEST_BITS
        self._scale = type.scale or 0
        self._as_double = natural_type(call) == DOUBLE
        self._squared = call.function in VARIANCES
        self._count = self._sum = self._squares = 0

    def enter(self, value: Any, time_ms: int) -> None:
        """See FrameCall."""
        self._take(value, 1)

    def leave(self, value: Any) -> None:
        """See FrameCall."""
        self._take(value, -1)

    def _take(self, value: Any, sign: int) -> None:
        if self._counts_rows:
            self._count += sign
        elif value is not None:
            self._count += sign
            if self._counts_only:
                return
            units = value if self._exact else units_of(value)
            self._sum += sign * units
            if self._squared:
                self._squares += sign * units * units

    def result(self, default: Any) -> Any:
        """See FrameCall."""
        function, count = self._function, self._count
        if function == "COUNT":
            return count
        if count == 0:
            return None
        if self._squared:
            bits = self._bits
            parts = (self._sum, self._squares, bits, 2 * bits, self._scale)
            return variance(function, count, *parts)
        divisor = 1 if function == "SUM" else count
        if not self._as_double:
            total = abs(self._sum) // divisor * (1 if self._sum >= 0 else -1)
            if not -(1 << 63) <= total < 1 << 63:
                raise OverflowError
            return total
        return self._sum / ((divisor * 10**self._scale) << self._bits)

    def dump(self) -> Any:
        """See FrameCall."""
        return [self._count, str(self._sum), str(self._squares)]

    def load(self, state: Any) -> None:
        """See FrameCall."""
        self._count, self._sum, self._squares = map(int, state)


class Fading:
    """EXP_AVG: the values in parts of one half-life each, seen from the last row; a row moves from
    part to part as time goes on. The weights are powers of two, so the average is exact.
    """

    def __init__(self, call: Analytic) -> None:
        assert call.argument is not None
        self._half_life_ms = call.parameter_ms or 1
        type = call.argument.type
        self._exact, self._scale = not type.is_approximate, type.scale or 0
        self._bits = 0 if self._exact else SMALLEST_BITS
        self._parts: list[FadingPart] = []
        self._now_ms = 0

    def enter(self, value: Any, time_ms: int) -> None:
        """See FrameCall."""
        self._now_ms = time_ms
        if value is not None:
            if not self._parts:
                self._parts.append(FadingPart())
            self._parts[0].push(time_ms, value if self._exact else units_of(value))

    def leave(self, value: Any) -> None:
        """See FrameCall."""
        if value is not None:
            while not self._parts[-1].rows:
                self._parts.pop()
            self._parts[-1].pop()

    def result(self, default: Any) -> Any:
        """See FrameCall."""
        self._age()
        above = below = 0
        oldest = len(self._parts) - 1
        for halvings, part in enumerate(self._parts):
            # All times 2**oldest, so that the weights are integers.
            above += part.sum << (oldest - halvings)
            below += len(part.rows) << (oldest - halvings)
        return above / ((below * 10**self._scale) << self._bits) if below else None

    def dump(self) -> Any:
        """See FrameCall."""
        return [(t, str(units)) for part in reversed(self._parts) for t, units in part.rows]

    def load(self, state: Any) -> None:
        """See FrameCall."""
        self._parts = [FadingPart()]
        for time, units in state:
            self._parts[0].push(time, int(units))

    def _age(self) -> None:
        """Moves each row to the part that it is in by now."""
        halvings = 0
        while halvings < min(len(self._parts), HALVINGS_MAX):
            self._age_part(halvings)
            halvings += 1

    def _age_part(self, halvings: int) -> None:
        limit_ms = (halvings + 1) * self._half_life_ms
        rows = self._parts[halvings].rows
        while rows and self._now_ms - rows[0][0] >= limit_ms:
            if halvings + 1 == len(self._parts):
                self._parts.append(FadingPart())
            self._parts[halvings + 1].push(*self._parts[halvings].pop())


class FadingPart:
    """The rows of one part, oldest first, and the sum of their values."""

    __slots__ = ("rows", "sum")

    def __init__(self) -> None:
        self.rows: deque[tuple[int, int]] = deque()
        self.sum = 0

    def push(self, time_ms: int, units: int) -> None:
        """A row comes in at the young end."""
        self.rows.append((time_ms, units))
        self.sum += units

    def pop(self) -> tuple[int, int]:
        """The oldest row goes."""
        row = self.rows.popleft()
        self.sum -= row[1]
        return row
