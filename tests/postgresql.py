"""A PostgreSQL server of its own for tests: a cluster in a folder that is deleted, on a free port
of loopback, with Debian's binaries (package `postgresql`).
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wildrydes.reserved_port import reserved_port

USER = "wildrydes"
PASSWORD = "hay and clover"
"""With blanks, so that it has to be quoted in a URL."""

SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # Nothing here has to survive a power failure.
    "fsync": "off",
    "max_connections": "20",
    "shared_buffers": "16MB",
    "lc_messages": "C",
}


@dataclass
class PostgresServer:
    """Runs until it is stopped; a stopped one starts again with all it held."""

    folder: Path
    binaries: Path
    owner: str | None
    """The user who runs it: PostgreSQL refuses root. None: whoever runs the tests."""
    port: int

    @property
    def place(self) -> str:
        """Host, port and database, as they stand in a URL."""
        return f"127.0.0.1:{self.port}/postgres"

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{PASSWORD.replace(' ', '%20')}@{self.place}"

    def start(self) -> None:
        """Returns when it takes connections."""
        settings = {**SERVER_SETTINGS, "port": self.port, "unix_socket_directories": self.folder}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        log = self.folder / "log"
        self._run(
            "pg_ctl", "start", "-w", "-t", "180", "-D", self._data, "-l", str(log), "-o", options
        )

    def stop(self) -> None:
        """At once, as in a crash."""
        self._run("pg_ctl", "stop", "-D", self._data, "-m", "immediate")

    def make(self) -> None:
        """A new, empty cluster."""
        secret = self.folder / "secret"
        secret.write_text(PASSWORD)
        if self.owner is not None:
            for path in (self.folder, secret):
                shutil.chown(path, self.owner)
        self._run(
            "initdb", "-D", self._data, "-U", USER, "-A", "scram-sha-256",
            f"--pwfile={secret}", "-E", "UTF8", "--locale=C", "--no-sync",
        )  # fmt: skip

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        # Not pipes: the server keeps them open, and a reader would wait for ever.
        with (self.folder / f"{program}.txt").open("w+") as output:
            done = subprocess.run(
                [str(self.binaries / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self.owner,
                cwd=self.folder,
                check=False,
            )
            output.seek(0)
            assert done.returncode == 0, f"{program}: {output.read()}"


def binaries() -> Path | None:
    """The newest PostgreSQL that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if found:
        return found[-1]
    program = shutil.which("initdb")
    return None if program is None else Path(program).resolve().parent


@contextmanager
def running_postgresql() -> Iterator[PostgresServer]:
    """A server; it and all that it holds are gone afterwards. Needs `binaries()`."""
    where = binaries()
    assert where is not None
    with reserved_port() as port:
        folder = Path(tempfile.mkdtemp(prefix="wildrydes-postgresql-"))
        server = PostgresServer(folder, where, _owner(), port)
        try:
            server.make()
            server.start()
            try:
                yield server
            finally:
                if (folder / "data" / "postmaster.pid").exists():
                    server.stop()
        finally:
            shutil.rmtree(folder)


def _owner() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)
