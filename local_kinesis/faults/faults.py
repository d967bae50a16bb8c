"""The faults that are set, and what each has done: which requests are struck is decided here, what
then happens in injection.py.
"""

from dataclasses import dataclass, field
from random import Random

from local_kinesis.faults.fault import Fault, Request


@dataclass(slots=True)
class SetFault:
    """A fault and its history."""

    id: int
    fault: Fault
    random: Random
    """For this fault's decisions alone."""
    matched: int = 0
    """Requests that it might have struck."""
    struck: int = 0

    def decide(self) -> bool:
        """Whether it strikes one more request that it may strike."""
        self.matched += 1
        # Drawn for each, also where it does not count: a limit must not shift later decisions.
        drawn = self.random.random() < self.fault.probability
        spent = self.fault.times is not None and self.struck >= self.fault.times
        strikes = drawn and self.matched > self.fault.skip and not spent
        self.struck += strikes
        return strikes


@dataclass(slots=True)
class Faults:
    """Everything that is to go wrong. Empty, it costs nothing.

    faults = Faults()
    faults.add(Fault(kind="reset_after", operation="PutRecords", probability=0.1, seed=7))
    async with LocalEndpoint(faults=faults) as endpoint: ...
    """

    _set: dict[int, SetFault] = field(default_factory=dict)
    _last_id: int = 0

    def __bool__(self) -> bool:
        return bool(self._set)

    def add(self, fault: Fault) -> int:
        """Sets a fault; returns its id. It strikes in the order of ids, after those set before."""
        self._last_id += 1
        self._set[self._last_id] = SetFault(self._last_id, fault, Random(fault.seed))
        return self._last_id

    def remove(self, fault_id: int) -> bool:
        """Lifts one fault; False when there is none with that id."""
        return self._set.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Lifts all."""
        self._set.clear()

    def listing(self) -> list[SetFault]:
        """All that are set."""
        return list(self._set.values())

    def striking(self, request: Request) -> list[SetFault]:
        """Those that strike this request. Each call counts as one request."""
        return [one for one in self._set.values() if one.fault.strikes(request) and one.decide()]
