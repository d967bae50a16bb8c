"""A disk for the processor's data that can be full."""

import os
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

SIZE_MB = 48


class Disk(Protocol):
    """Where the processor keeps its data."""

    how: str
    """In words, for the report."""

    def fill(self) -> None:
        """Leaves no space."""
        ...

    def free(self) -> None:
        """Gives the space back."""
        ...

    def close(self) -> None:
        """Undoes what was made."""
        ...


class SmallDisk:
    """A tmpfs mounted on the folder, filled with a file to its last byte. Needs root."""

    how = f"a tmpfs of {SIZE_MB} MB, filled to its last byte"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._filler = folder / "filler"
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)],
            check=True,
            capture_output=True,
        )

    def fill(self) -> None:
        with self._filler.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                return

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)

    def close(self) -> None:
        subprocess.run(["umount", "-l", str(self._folder)], check=False, capture_output=True)


class FileSizeLimit:
    """Without root: the living processor may write no file beyond a few bytes (RLIMIT_FSIZE)."""

    how = "RLIMIT_FSIZE of the living processor (no tmpfs could be mounted)"

    def __init__(self, process_id: Callable[[], int | None]) -> None:
        self._process_id = process_id
        self._limited: int | None = None

    def fill(self) -> None:
        self._limited = self._process_id()
        self._limit(16)

    def free(self) -> None:
        self._limit(resource.RLIM_INFINITY)
        self._limited = None

    def close(self) -> None:
        """Nothing was made."""

    def _limit(self, size: int) -> None:
        if self._limited is not None:
            try:
                hard = resource.prlimit(self._limited, resource.RLIMIT_FSIZE)[1]
                resource.prlimit(self._limited, resource.RLIMIT_FSIZE, (size, hard))
            except ProcessLookupError:
                self._limited = None


def small_disk(folder: Path, process_id: Callable[[], int | None]) -> Disk:
    """The best that this machine allows."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.name == "posix" and os.geteuid() == 0:
        try:
            return SmallDisk(folder)
        except (OSError, subprocess.CalledProcessError):
            pass
    return FileSizeLimit(process_id)
