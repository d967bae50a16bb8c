"""An event loop without a clock and without luck: virtual time, and an order drawn from a seed.

Everything runs in one thread. Of the callbacks that are ready any may be the next one, and when
none is, time leaps to the next timer: an hour of waiting takes no time, and the same seed plays the
same minute again, await by await.

A simulated process is a context: whatever a task of it schedules belongs to it too. So a process
can die between any two steps, as under SIGKILL: nothing of it runs again, no `finally` and no
handler. A paused process (SIGSTOP) keeps what becomes due and has it all at once when it goes on.
"""

import asyncio
import asyncio.events
import heapq
import itertools
import random
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any

Callback = Callable[..., object]
THREAD_S_MAX = 0.01
STEPS_MAX = 200_000
"""Of one history. More than a hundred times what one takes: something spins."""


@dataclass(eq=False, slots=True)
class Process:
    """What can be killed and paused."""

    name: str
    alive: bool = True
    paused: bool = False
    fuse: int | None = None
    """After so many more of its steps `burnt` is called."""
    burnt: Callable[[], None] = lambda: None
    held: list[asyncio.Handle] = field(default_factory=list)
    """What it would do next if it could."""

    def after(self, steps: int, action: Callable[[], None]) -> None:
        """Does something to this process between two of its steps."""
        self.fuse, self.burnt = steps, action


PROCESS: ContextVar[Process | None] = ContextVar("process", default=None)


class Spinning(Exception):
    """A history does not come to an end."""


class SeededLoop(asyncio.AbstractEventLoop):
    """As much of an event loop as code without sockets and signals uses."""

    def __init__(self, rng: random.Random) -> None:
        self._random = rng
        self._now_s = 0.0
        self._ready: list[asyncio.Handle] = []
        self._timers: list[tuple[float, float, int, asyncio.TimerHandle]] = []
        self._count = itertools.count()
        self._tasks: list[tuple[asyncio.Task[Any], Process | None]] = []
        self.steps = 0

    # -- simulated processes ----------------------------------------------------------------------

    def spawn(self, process: Process, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """The first task of a process."""
        context = copy_context()
        context.run(PROCESS.set, process)
        return self.create_task(work, context=context)

    def resume(self, process: Process) -> None:
        """A paused process goes on with all that became due."""
        process.paused = False
        self._ready += process.held
        process.held.clear()

    def run_until(self, over: Callable[[], bool]) -> None:
        """Runs until `over`, or until nothing is left to do. Raises Spinning."""
        asyncio._set_running_loop(self)
        try:
            while not over() and self._step():
                pass
        finally:
            asyncio._set_running_loop(None)

    def dispose(self) -> None:
        """Ends what is left of all processes, dead ones too, when nobody looks any more."""
        for task, process in self._tasks:
            if not task.done():
                if process is not None:
                    process.alive, process.fuse = True, None
                    self.resume(process)
                task.cancel()
        self.run_until(lambda: all(task.done() for task, _ in self._tasks))

    def _step(self) -> bool:
        if not self._ready and not self._leap():
            return False
        ready = self._ready
        place = int(self._random.random() * len(ready)) if len(ready) > 1 else 0
        ready[place], ready[-1] = ready[-1], ready[place]
        handle = ready.pop()
        if handle.cancelled():
            return True
        process = handle._context.get(PROCESS)  # type: ignore[attr-defined]
        if process is not None:
            if process.fuse is not None:
                process.fuse -= 1
                if process.fuse < 0:
                    process.fuse = None
                    process.burnt()
            if process.paused or not process.alive:
                process.held.append(handle)
                return True
        self.steps += 1
        if self.steps > STEPS_MAX:
            raise Spinning(f"more than {STEPS_MAX} steps")
        handle._run()
        return True

    def _leap(self) -> bool:
        """Time goes on to the next timer."""
        if not self._timers:
            return False
        self._now_s = self._timers[0][0]
        while self._timers and self._timers[0][0] <= self._now_s:
            self._ready.append(heapq.heappop(self._timers)[3])
        return True

    # -- what asyncio asks of a loop --------------------------------------------------------------

    def time(self) -> float:
        return self._now_s

    def call_soon(
        self, callback: Callback, *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_at(
        self, when: float, callback: Callback, *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, self._random.random(), next(self._count), timer))
        return timer

    def call_later(
        self, delay: float, callback: Callback, *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now_s + delay, callback, *args, context=context)

    def create_future(self) -> "asyncio.Future[Any]":
        return asyncio.Future(loop=self)

    def create_task(
        self, coro: Any, *, name: str | None = None, context: Context | None = None, **_: Any
    ) -> "asyncio.Task[Any]":
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=self, name=name, context=context)
        # Kept: a dead process must not be collected, and so closed, in the middle of a history.
        self._tasks.append((task, PROCESS.get() if context is None else context.get(PROCESS)))
        return task

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        """A thread's work happens at one moment, some time from now; no cancelling stops it."""
        future = self.create_future()

        def work() -> None:
            try:
                result = func(*args)
            except Exception as error:
                if not future.done():
                    future.set_exception(error)
            else:
                if not future.done():
                    future.set_result(result)

        self.call_later(self._random.random() * THREAD_S_MAX, work)
        return future

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """A failure that nobody waits for is seen where its process is judged."""

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Its place in the heap is passed over when its time comes."""
