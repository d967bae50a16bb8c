"""Between processors and services: calls take time, fail, and are answered in vain.

A call that was sent arrives, whatever becomes of its sender meanwhile: a write of a processor that
is dead or stands still may land late.
"""

import random
from collections.abc import Callable
from contextvars import Context
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError

from tests.simulation.history import Outage, Part
from tests.simulation.loop import SeededLoop

WAY_S_MAX = 0.02
SLOW_WAY_S_MAX = 1.0


class Network:
    """Carries every call; knows which parts are in trouble."""

    def __init__(self, loop: SeededLoop, rng: random.Random) -> None:
        self._loop = loop
        self._random = rng
        self._outages: list[Outage] = []
        self._nobody = Context()

    def begin(self, outage: Outage) -> None:
        """From now on the part is in trouble."""
        self._outages.append(outage)
        self._loop.call_later(
            outage.length_ms / 1000,
            lambda: outage in self._outages and self._outages.remove(outage),
            context=self._nobody,
        )

    def heal(self) -> None:
        """All trouble ends."""
        self._outages.clear()

    async def call(
        self,
        part: Part,
        effect: Callable[[], Any],
        *,
        partly: Callable[[], Any] | None = None,
    ) -> Any:
        """What `effect` gives at the service. `partly` is what happens instead when the service
        takes only a part.
        """
        troubles = {
            outage.trouble
            for outage in self._outages
            if outage.part == part and self._random.random() < outage.share
        }
        way_s = SLOW_WAY_S_MAX if "is slow" in troubles else WAY_S_MAX
        answer = self._loop.create_future()

        def arrive() -> None:
            error: Exception | None = None
            result: Any = None
            if "fails" in troubles or ("takes a part" in troubles and partly is None):
                error = self._failure()
            else:
                try:
                    result = (partly if partly and "takes a part" in troubles else effect)()
                except Exception as refusal:
                    error = refusal
            if "loses answers" in troubles:
                error = self._failure()
            self._later(way_s, lambda: _deliver(answer, result, error))

        self._later(way_s, arrive)
        return await answer

    def _later(self, way_s: float, action: Callable[[], None]) -> None:
        # Not in the caller's context: it does not end with the caller.
        self._loop.call_later(self._random.random() * way_s, action, context=self._nobody)

    def _failure(self) -> Exception:
        if self._random.random() < 0.5:
            return EndpointConnectionError(endpoint_url="memory:")
        return service_error("ServiceUnavailable")


def service_error(code: str, message: str = "") -> ClientError:
    """A service's refusal."""
    error: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}}
    return ClientError(error, "Call")


def _deliver(answer: Any, result: Any, error: Exception | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)
