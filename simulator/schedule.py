"""When the rounds of readings are due: without drift, and without a burst after a hold-up."""

import math

CATCH_UP_MS = 1000
"""Up to this lateness the rounds that are due are made up at once; beyond it they are left out."""


class Schedule:
    """Round k is due k / rate seconds after the first, whatever the rounds before it took.

    After a hold-up the rounds that can no longer be sent in time are left out, whole ones, so that
    those that follow are due when they would have been. Their readings are not lost: the ride goes
    on where it stopped.
    """

    def __init__(self, rate: float, now_ms: int) -> None:
        self._interval_ms = 1000 / rate
        self._catch_up_ms = max(CATCH_UP_MS, self._interval_ms)
        self._first_ms: float = now_ms
        self._next = 0
        self.left_out = 0
        """Rounds that were not sent because it was too late for them."""

    def wait_ms(self, now_ms: int) -> float:
        """How long to wait for the next round; 0 when it is due. Leaves out rounds as needed."""
        wait_ms = self._first_ms + self._next * self._interval_ms - now_ms
        if wait_ms > self._interval_ms:
            # The clock was set back. Go on from here: nobody waits an hour for a reading.
            self._first_ms -= wait_ms - self._interval_ms
            return self._interval_ms
        if -wait_ms > self._catch_up_ms:
            missed = math.floor(-wait_ms / self._interval_ms)
            self._next += missed
            self.left_out += missed
            wait_ms += missed * self._interval_ms
        return max(0.0, wait_ms)

    def sent(self) -> None:
        """The round that was due has been sent."""
        self._next += 1
