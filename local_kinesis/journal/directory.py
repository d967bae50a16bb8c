"""The directory of `--data`: one endpoint's, of one format, used by one process at a time.

endpoint.json    what this is: format, byte order
lock             held by the process that uses it
kinesis/         a folder for each stream
moto/            everything else
"""

import fcntl
import json
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from fleet.errors import ConfigError
from local_kinesis.journal.flusher import flush

FORMAT: Final = 1
_MARK: Final = "endpoint.json"
_LOCK: Final = "lock"
_TOLERATED: Final = frozenset({_LOCK, "lost+found"})


class DataDirectory:
    """A directory that is ours from `open` to `close`."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self.kinesis = path / "kinesis"
        self.moto = moto_folder(path)
        self._lock = lock

    @classmethod
    def open(cls, path: Path) -> Self:
        """Takes a directory, making it when it is missing. Raises ConfigError when it is no
        endpoint's, another format's, or in use.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
            # Foreign files are told before anything is put beside them.
            _check_contents(path)
            lock = _locked(path)
            try:
                _check_mark(path)
                directory = cls(path, lock)
                directory.kinesis.mkdir(exist_ok=True)
                directory.moto.mkdir(exist_ok=True)
            except BaseException:
                os.close(lock)
                raise
        except OSError as error:
            raise ConfigError(
                f"--data {path} cannot be used: {error.strerror}",
                remedy="choose a directory that you may write to",
            ) from None
        return directory

    def close(self) -> None:
        """Gives it back. A killed process gives it back too."""
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def moto_folder(path: Path) -> Path:
    """Where in a data directory moto's process keeps what it holds."""
    return path / "moto"


def replace_json(path: Path, value: object) -> None:
    """Writes a small file, whole or not at all whatever happens, and has the disk keep it. Raises
    OSError, and then the former one is there.
    """
    draft = path.with_suffix(".draft")
    try:
        draft.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
        flush(draft)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    flush(path.parent)


def _check_contents(path: Path) -> None:
    found = {entry.name for entry in path.iterdir() if not entry.name.startswith(".")}
    foreign = sorted(found - _TOLERATED)
    if foreign and _MARK not in found:
        raise ConfigError(
            f"--data {path} holds what is no endpoint's: {', '.join(foreign[:3])}",
            remedy="choose an empty or a new directory",
        )


def _locked(path: Path) -> int:
    lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(lock, 20, 0).decode(errors="replace").strip() or "unknown"
        os.close(lock)
        raise ConfigError(
            f"--data {path} is in use by another endpoint, process {owner}",
            remedy="end that one, or choose another directory",
        ) from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def _check_mark(path: Path) -> None:
    mark = path / _MARK
    ours = {"format": FORMAT, "byte_order": sys.byteorder}
    if not mark.exists():
        replace_json(mark, ours)
        return
    try:
        found = json.loads(mark.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict) or "format" not in found:
        raise ConfigError(
            f"{mark} is not an endpoint's: its content is not understood",
            remedy="choose an empty or a new directory",
        )
    if found != ours:
        raise ConfigError(
            f"--data {path} was written in format {found['format']}, byte order "
            f"{found.get('byte_order')}; this version reads format {FORMAT}, {sys.byteorder}",
            remedy="choose a new directory, or use the version that wrote this one",
        )
