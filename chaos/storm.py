"""Lets a plan happen to real processes, mends everything, and asks `wildrydes verify`."""

import asyncio
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from botocore.exceptions import ClientError

from awsio.clients import AwsClients
from awsio.retry import error_code, retry
from chaos.disk import Disk, small_disk
from chaos.plan import (
    POISON,
    Event,
    Freeze,
    FullDisk,
    Kill,
    Pause,
    Poison,
    Reshard,
    Role,
    Trouble,
    WrongClock,
)
from chaos.processes import Kept, last_words
from fleet.clock import ScaledClock
from fleet.errors import FleetError
from fleet.settings import AwsSettings, clock_text

STREAM = "wildrydes"
SHARDS_MAX = 8
OLDER_PATIENCE_S = 180.0
"""By the machine's clock: how soon after the storm those whose place another took must have ended.
In its midst one may be the newest after all: it stood still before it claimed its epoch."""
VERIFY_PATIENCE_S = 300.0
"""By the machine's clock: how long what is still to come may take after the storm."""
UP_PATIENCE_S = 180.0
"""By the machine's clock: how long the endpoint may take to start."""
CONTROL_PATIENCE_S = 30.0
"""The same for a wrong processor, of which nothing good is waited for."""
CATCH_UP_PATIENCE_S = 900.0
"""By the machine's clock: how long a processor may take to read what the storm left unread."""
CAUGHT_UP_MS = 60_000
"""By the storm's clock: behind by no more than a window, it has caught up."""
CAUGHT_UP_LOOKS = 15
"""So many times in a row, a second apart: a shard of which nothing is read yet has no lag."""
ENDPOINT_MEMORY = "8G"
"""For the records of a storm: what the endpoint dropped, `verify` could not read back."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a storm was asked for."""

    seed: int
    length_s: float
    """By the storm's clock."""
    time_scale: float
    readings_per_s: float
    """By the machine's clock."""
    unicorns: int
    """Who send them: few ones often, or many seldom, which makes more rows."""
    sabotage: str | None
    folder: Path


@dataclass(slots=True)
class Outcome:
    """What happened, and what came of it."""

    happened: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    """What is wrong besides the verdict."""
    notes: list[str] = field(default_factory=list)
    verdict: dict[str, Any] = field(default_factory=dict)
    verified: int = -1
    """The exit code of `wildrydes verify`."""
    disk: str = ""

    @property
    def ok(self) -> bool:
        """Whether the promise was kept."""
        return self.verified == 0 and not self.faults


class Storm:
    """`outcome = await Storm(settings, port, tell).run(plan)`; the port is the endpoint's. Whatever
    happens, nothing of it is left over.
    """

    def __init__(self, settings: Settings, port: int, tell: Callable[[str], None]) -> None:
        self._settings = settings
        self._tell = tell
        self._clock = ScaledClock(settings.time_scale, int(time.time() * 1000))
        self._port = port
        self._url = f"http://127.0.0.1:{self._port}"
        self._wrong_by_s = 0
        self._data = settings.folder / "processor-data"
        self._tasks: set[asyncio.Task[None]] = set()
        self.outcome = Outcome()
        self._endpoint = self._kept("endpoint", self._endpoint_command)
        self._simulator = self._kept("simulator", self._simulator_command)
        self._processor = Kept(
            "processor", self._processor_command, self._processor_clock, settings.folder
        )
        self._roles: dict[Role, Kept] = {
            "endpoint": self._endpoint,
            "simulator": self._simulator,
            "processor": self._processor,
        }
        self._disk: Disk

    async def run(self, plan: Sequence[Event]) -> Outcome:
        """Raises FleetError when the storm itself cannot be held."""
        self._disk = small_disk(self._data, self._process_id)
        self.outcome.disk = self._disk.how
        try:
            async with AwsClients(AwsSettings(self._url, "us-east-1")) as aws:
                self._aws = aws
                self._endpoint.start()
                await self._until_up()
                self._simulator.start()
                self._processor.start()
                await self._until_read()
                if self._settings.sabotage:
                    await self._reshard_unseen()
                await self._play(plan)
                await self._mend()
                await self._until_caught_up()
                await self._verify()
        finally:
            for task in self._tasks:
                task.cancel()
            for kept in (self._simulator, self._processor, self._endpoint):
                await kept.stop()
            self._disk.close()
        for kept in self._roles.values():
            self.outcome.notes += kept.ended_by_itself
            self.outcome.happened[f"{kept.name} lives"] = kept.lives
        self._look_for_tracebacks()
        return self.outcome

    # -- what runs --------------------------------------------------------------------------------

    def _kept(self, name: str, command: Callable[[], Sequence[str]]) -> Kept:
        return Kept(name, command, lambda: clock_text(self._clock), self._settings.folder)

    def _endpoint_command(self) -> list[str]:
        data = str(self._settings.folder / "endpoint-data")
        port = str(self._port)
        command = ["-m", "wildrydes", "local", "--port", port, "--data", data]
        return [*command, "--memory-max", ENDPOINT_MEMORY, "--json"]

    def _simulator_command(self) -> list[str]:
        settings = self._settings
        rate = settings.readings_per_s / settings.time_scale / settings.unicorns
        command = ["-m", "wildrydes", "simulator", "--unicorns", str(settings.unicorns)]
        command += ["--rate", f"{rate:.6g}"]
        command += ["--seed", str(settings.seed), "--create-stream", "--shards", "2"]
        command += ["--ledger", str(self._ledger), "--endpoint-url", self._url, "--json"]
        return command

    def _processor_command(self) -> list[str]:
        sabotage = self._settings.sabotage
        module = ["-m", "chaos.sabotage", sabotage] if sabotage else ["-m", "wildrydes"]
        command = [*module, "processor", "--data", str(self._data), "--create-missing"]
        return [*command, "--endpoint-url", self._url, "--port", "0", "--json"]

    def _processor_clock(self) -> str:
        """Right, or once wrong."""
        by_s, self._wrong_by_s = self._wrong_by_s, 0
        # An origin further back makes the clock fast by (scale - 1) times as much.
        shift_ms = round(by_s * 1000 / (self._clock.scale - 1))
        return clock_text(ScaledClock(self._clock.scale, self._clock.origin_ms - shift_ms))

    def _process_id(self) -> int | None:
        process = self._processor.process
        return None if process is None else process.pid

    @property
    def _ledger(self) -> Path:
        return self._settings.folder / "ledger.jsonl"

    # -- what happens -----------------------------------------------------------------------------

    async def _play(self, plan: Sequence[Event]) -> None:
        began_ms = self._clock.now_ms()
        for event in plan:
            await self._until(began_ms + event.at_s * 1000)
            self._tell(f"{event.at_s:8.1f} s  {event}")
            self._spawn(self._happen(event))
        await self._until(began_ms + self._settings.length_s * 1000)

    async def _until(self, at_ms: float) -> None:
        await self._clock.sleep(max(0.0, at_ms - self._clock.now_ms()) / 1000)

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.outcome.happened[f"could not be done: {type(error).__name__}"] += 1

    async def _happen(self, event: Event) -> None:
        match event:
            case Kill():
                number = signal.Signals[event.signal]
                restart_s = event.restart_s / self._clock.scale
                sent = self._roles[event.role].send(number, restart_s=restart_s)
                self._count_sent(sent, f"{event.signal} of the {event.role}")
            case WrongClock():
                self._wrong_by_s = event.by_s
                sent = self._processor.send(signal.SIGKILL)
                self._count_sent(sent, "wrong clock (and a SIGKILL)")
            case Pause():
                await self._pause(event)
            case Freeze():
                kept = self._roles[event.role]
                self._count_sent(kept.send(signal.SIGSTOP), f"SIGSTOP of the {event.role}")
                await self._clock.sleep(event.length_s)
                kept.send(signal.SIGCONT)
            case Reshard():
                await self._reshard(event)
            case Trouble():
                await self._trouble(event)
            case Poison():
                kinesis = await self._aws.kinesis()
                put = {"StreamName": STREAM, "Data": POISON[event.what], "PartitionKey": "poison"}
                await retry(lambda: kinesis.put_record(**put), "poison")  # type: ignore[arg-type]
                self._count("poison")
            case FullDisk():
                self._disk.fill()
                self._count("full disk")
                await self._clock.sleep(event.length_s)
                self._disk.free()

    async def _pause(self, event: Pause) -> None:
        old = self._processor.replace()
        self._count_sent(old is not None, "SIGSTOP of a processor, with a successor")
        if old is None:
            return
        log = self._settings.folder / f"processor-{self._processor.lives}.log"
        await self._clock.sleep(event.length_s)
        with suppress(ProcessLookupError):
            old.send_signal(signal.SIGCONT)
        await old.wait()
        if "took over" in last_words(log) or "newer processor" in last_words(log):
            self._count("older processors that saw that they were superseded")

    async def _reshard(self, event: Reshard) -> None:
        kinesis: Any = await self._aws.kinesis()
        while True:
            listed = await retry(lambda: kinesis.list_shards(StreamName=STREAM), STREAM)
            open_shards = sorted(
                (s for s in listed["Shards"] if "EndingSequenceNumber" not in _numbers(s)),
                key=lambda s: int(s["HashKeyRange"]["StartingHashKey"]),
            )
            try:
                await retry(lambda shards=open_shards: _change(kinesis, event, shards), STREAM)  # type: ignore[misc]
            except ClientError as error:
                if error_code(error) not in ("ResourceInUseException", "InvalidArgumentException"):
                    raise
                # It is being resharded, or this was done although the answer was lost.
                if error_code(error) == "InvalidArgumentException":
                    return
                await asyncio.sleep(0.2)
            else:
                self._count(f"reshard ({event.how})")
                return

    async def _trouble(self, event: Trouble) -> None:
        async with aiohttp.ClientSession() as session:
            async with session.post(f"{self._url}/_local/faults", json=event.fault) as answer:
                ids = (await answer.json())["ids"]
            name = event.fault.get("service", "kinesis")
            self._count(f"fault: {event.fault['kind']} ({name})")
            await self._clock.sleep(event.length_s)
            with suppress(aiohttp.ClientError):
                # An endpoint that was started anew knows none of them.
                await session.delete(f"{self._url}/_local/faults/{ids[0]}")

    def _count_sent(self, sent: bool, what: str) -> None:
        self._count(what if sent else "signals that met nobody alive")

    def _count(self, what: str) -> None:
        self.outcome.happened[what] += 1

    # -- the end ----------------------------------------------------------------------------------

    async def _until_up(self) -> None:
        deadline_s = time.monotonic() + UP_PATIENCE_S
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < deadline_s:
                with suppress(aiohttp.ClientError, OSError):
                    async with session.get(f"{self._url}/_local/health") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.1)
        raise FleetError(f"the endpoint at {self._url} does not come up: see its log")

    async def _until_read(self) -> None:
        """Readings flow before the storm breaks: a reshard needs a stream, and a kill something to
        harm, for which a slow machine takes its time.
        """
        deadline_s = time.monotonic() + UP_PATIENCE_S
        while time.monotonic() < deadline_s:
            if self._processor.lives and self._processor.newest_status().get("records_in", 0):
                return
            await asyncio.sleep(0.1)
        raise FleetError("the processor reads nothing: see its log")

    async def _reshard_unseen(self) -> None:
        """A shard is split while no processor runs: readings of before and after it are still to be
        read by the next. On a slow machine the plan alone may not come to that, and a control must
        not rest on it.
        """
        self._processor.send(signal.SIGKILL, restart_s=8.0)
        await asyncio.sleep(3)
        await self._reshard(Reshard(0.0, "split", 0))

    async def _mend(self) -> None:
        """Nothing goes wrong any more; what began is let come to its end."""
        self._tell("the storm is over: mending, and waiting for what is still to come")
        self._disk.free()
        for kept in self._roles.values():
            kept.send(signal.SIGCONT)
        await self._until_up()
        async with (
            aiohttp.ClientSession() as session,
            session.delete(f"{self._url}/_local/faults"),
        ):
            pass
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=OLDER_PATIENCE_S)
        for old in self._processor.aside:
            if old.returncode is None:
                self.outcome.faults.append(
                    f"an older processor (process {old.pid}) was still at work "
                    f"{OLDER_PATIENCE_S:g} s after the storm"
                )
        await self._simulator.stop()
        # A window, and the time that rows have to land.
        await self._clock.sleep(150)

    async def _until_caught_up(self) -> None:
        """To verify a long storm takes minutes, so it is not begun before it can be right."""
        if self._settings.sabotage:
            return
        deadline_s = time.monotonic() + CATCH_UP_PATIENCE_S
        looks = 0
        while looks < CAUGHT_UP_LOOKS and time.monotonic() < deadline_s:
            lag_ms = self._processor.newest_status().get("lag_ms")
            looks = looks + 1 if lag_ms is not None and lag_ms < CAUGHT_UP_MS else 0
            await asyncio.sleep(1)

    async def _verify(self) -> None:
        """Until all is there, or it will not come."""
        patience_s = CONTROL_PATIENCE_S if self._settings.sabotage else VERIFY_PATIENCE_S
        deadline_s = time.monotonic() + patience_s
        while True:
            command = [sys.executable, "-m", "wildrydes", "verify", "--ledger", str(self._ledger)]
            command += ["--data", str(self._data), "--endpoint-url", self._url, "--json"]
            process = await asyncio.create_subprocess_exec(
                *command,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={"PATH": "", "WILDRYDES_CLOCK": clock_text(self._clock)},
            )
            output, errors = await process.communicate()
            self.outcome.verified = process.returncode or 0
            with suppress(ValueError):
                self.outcome.verdict = json.loads(output)
            if process.returncode == 0 or time.monotonic() > deadline_s:
                if process.returncode and errors:
                    self.outcome.notes.append(errors.decode(errors="replace").strip()[-2000:])
                return
            await asyncio.sleep(3)

    def _look_for_tracebacks(self) -> None:
        """No process may end with a mistake of ours."""
        for log in sorted(self._settings.folder.glob("*.log")):
            if "Traceback (most recent call last)" in log.read_text(errors="replace"):
                self.outcome.faults.append(f"{log} has a traceback")


def _numbers(shard: Any) -> Any:
    return shard["SequenceNumberRange"]


async def _change(kinesis: Any, event: Reshard, shards: list[Any]) -> None:
    place = event.place
    if event.how == "count":
        target = max(-(-len(shards) // 2), min(1 + place % 6, 2 * len(shards)))
        await kinesis.update_shard_count(
            StreamName=STREAM, TargetShardCount=target, ScalingType="UNIFORM_SCALING"
        )
    elif len(shards) > 1 and (event.how == "merge" or len(shards) >= SHARDS_MAX):
        lower = place % (len(shards) - 1)
        await kinesis.merge_shards(
            StreamName=STREAM,
            ShardToMerge=shards[lower]["ShardId"],
            AdjacentShardToMerge=shards[lower + 1]["ShardId"],
        )
    else:
        shard = shards[place % len(shards)]
        ends = shard["HashKeyRange"]
        middle = (int(ends["StartingHashKey"]) + int(ends["EndingHashKey"]) + 1) // 2
        await kinesis.split_shard(
            StreamName=STREAM, ShardToSplit=shard["ShardId"], NewStartingHashKey=str(middle)
        )
