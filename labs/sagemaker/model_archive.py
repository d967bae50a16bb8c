"""model.tar.gz: what `train` has written, as it lies on S3 and as hosting takes it."""

import gzip
import io
import tarfile
from pathlib import Path

from fleet.errors import ConfigError

NAME = "model.tar.gz"


def pack(folder: Path) -> bytes:
    """All files of the folder. The same bytes for the same files: no times, no owners."""
    out = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as archive,
    ):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                member = tarfile.TarInfo(str(path.relative_to(folder)))
                member.size = path.stat().st_size
                with path.open("rb") as file:
                    archive.addfile(member, file)
    return out.getvalue()


def unpack(archive: bytes, folder: Path, where: str) -> None:
    """Into the folder, and nowhere else: an archive is somebody's word. Raises ConfigError."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as opened:
            opened.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ConfigError(f"{where} is no {NAME}: {error}") from None
