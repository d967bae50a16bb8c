"""The local endpoint as an object: what tests, tutorials and `wildrydes local` start.

async with LocalEndpoint(kinesis_only=True) as endpoint:
    client = session.create_client("kinesis", endpoint_url=endpoint.url, ...)
"""

import asyncio
import ipaddress
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from fleet.clock import Clock, SystemClock
from fleet.listening import cannot_listen
from fleet.settings import DEFAULT_REGION
from local_kinesis.admin import Admin
from local_kinesis.faults.faults import Faults
from local_kinesis.gateway import Gateway
from local_kinesis.greeting import Greeting
from local_kinesis.http_message import AnswerHeads
from local_kinesis.journal.directory import DataDirectory, moto_folder
from local_kinesis.journal.disk import DiskJournal
from local_kinesis.journal.recovery import recover
from local_kinesis.moto_server import MotoServer, MotoState
from local_kinesis.open_connections import OpenConnection
from local_kinesis.service import Service
from local_kinesis.store import MEMORY_MAX_BYTES, Store
from local_kinesis.throughput import Limits

_SWEEP_S: Final = 5.0
_GRACE_S: Final = 0.3
_BACKLOG: Final = 1024


class LocalEndpoint:
    """One URL that serves Kinesis, and through moto the rest of AWS, for as long as it is entered.

    Kinesis answers as soon as it is entered; a request for moto waits until moto is up. All Kinesis
    time comes from `clock`: arrival times, expiry, retention and the Date header.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        kinesis_only: bool = False,
        region: str = DEFAULT_REGION,
        memory_max_bytes: int = MEMORY_MAX_BYTES,
        transition_ms: int = 0,
        limits: Limits | None = None,
        faults: Faults | None = None,
        data: Path | None = None,
        clock: Clock | None = None,
        on_moto: Callable[[MotoState], None] = lambda state: None,
    ) -> None:
        """`port` 0 takes any free one; `transition_ms` is how long streams and consumers are
        CREATING, UPDATING or DELETING; `limits` AWS_LIMITS makes shards as narrow as the service's;
        `data` is a directory for all there is to outlive this endpoint; `on_moto` is called
        whenever moto's state changes.
        """
        self._host = host
        self._port = port
        self._clock = clock or SystemClock()
        self._store = Store(
            region=region,
            memory_max_bytes=memory_max_bytes,
            transition_ms=transition_ms,
            limits=limits,
        )
        self._faults = Faults() if faults is None else faults
        self.data = data
        """Where all there is is kept; None when it ends with this."""
        self._opened = ExitStack()
        """What is given back at the end."""
        moto_data = None if data is None else moto_folder(data)
        self._moto = None if kinesis_only else MotoServer(data=moto_data, on_state=on_moto)
        self._connections: set[OpenConnection] = set()
        self._server: asyncio.Server | None = None
        self._sweep: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        """Raises ConfigError when the port is taken, the host is not ours, or the data directory
        cannot be used.
        """
        if self.data is not None:
            self._open_data(self.data)
        loop = asyncio.get_running_loop()
        service = Service(self._store, self._clock, self._faults)
        admin = Admin(
            self._store, self._clock, self._moto, self._faults, is_loopback=self.is_loopback
        )
        gateway = Gateway(service, self._moto, admin, self._faults)
        heads = AnswerHeads()
        try:
            self._server = await loop.create_server(
                lambda: Greeting(gateway, heads, self._connections),
                self._host,
                self._port,
                backlog=_BACKLOG,
            )
        except OSError as error:
            self._opened.close()
            raise cannot_listen(self._host, self._port, error) from None
        self._port = self._server.sockets[0].getsockname()[1]
        if self._moto is not None:
            self._moto.start()
        self._sweep_on()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Lets answers under way go out for a moment, then closes everything and ends moto."""
        assert self._server is not None, "not entered"
        if self._sweep is not None:
            self._sweep.cancel()
        self._server.close()
        connections = list(self._connections)
        for connection in connections:
            connection.finish()
        if connections:
            closed = [connection.closed for connection in connections]
            await asyncio.wait(closed, timeout=_GRACE_S)
            # A client that reads nothing would hold us up for ever.
            for connection in list(self._connections):
                connection.abort()
            await asyncio.wait(closed)
        if self._moto is not None:
            await self._moto.close()
        self._opened.close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    @property
    def url(self) -> str:
        """What to give as AWS_ENDPOINT_URL on this machine."""
        host = self._host
        if host in ("", "0.0.0.0", "::"):
            host = "127.0.0.1"
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self._host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self._host).is_loopback
        except ValueError:
            return False

    @property
    def moto_state(self) -> MotoState:
        """Whether the rest of AWS is there."""
        return self._moto.state if self._moto else "off"

    @property
    def moto_process_id(self) -> int | None:
        """Of moto's process, while it runs."""
        return self._moto.process_id if self._moto else None

    async def moto_ready(self) -> None:
        """Waits until moto answers. Raises MotoUnavailable when it does not come up."""
        assert self._moto is not None, "there is no moto with kinesis_only"
        await self._moto.address()

    def _open_data(self, path: Path) -> None:
        """Takes the data directory and brings back what is in it; nothing is served meanwhile."""
        with ExitStack() as opened:
            directory = opened.enter_context(DataDirectory.open(path))
            journal = self._store.journal = DiskJournal(directory.kinesis)
            opened.callback(journal.close)
            recover(directory.kinesis, self._store, journal.floors, self._clock.now_ms())
            self._opened = opened.pop_all()

    def _sweep_on(self) -> None:
        """By the loop's clock, not by the injected one: that one may stand still, or leap when
        slept on.
        """
        self._store.expire_all(self._clock.now_ms())
        for connection in list(self._connections):
            connection.check_stall()
        self._sweep = asyncio.get_running_loop().call_later(_SWEEP_S, self._sweep_on)
