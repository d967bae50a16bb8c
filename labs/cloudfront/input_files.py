"""The files under a table's LOCATION."""

from pathlib import Path

from fleet.errors import ConfigError

GZIP_START = b"\x1f\x8b"
OTHER_KINDS = {
    b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"PK\x03\x04": "a ZIP archive", b"\x28\xb5\x2f\xfd": "zstd",
    b"%PDF": "PDF", b"\x89PNG": "a picture", b"PAR1": "Parquet", b"Obj\x01": "Avro", b"ORC": "ORC",
}  # fmt: skip


def files_under(location: Path) -> list[Path]:
    """The file, or those of the folder and of folders in it, in the order of their names. As Hive
    does, names that start with _ or . are passed over. Raises ConfigError.
    """
    if not location.exists():
        raise ConfigError(
            f"LOCATION {location} is not there",
            remedy="--data is what ${INPUT} stands for in the script",
        )
    files = sorted(p for p in location.rglob("*") if _is_seen(p, location) and p.is_file())
    if location.is_file():
        files = [location]
    for path in files:
        _check(path)
    if not any(path.stat().st_size for path in files):
        raise ConfigError(f"{location} has no lines in it", remedy="give CloudFront's logs")
    return files


def _is_seen(path: Path, location: Path) -> bool:
    return not any(part.startswith(("_", ".")) for part in path.relative_to(location).parts)


def _check(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    kind = next((kind for magic, kind in OTHER_KINDS.items() if start.startswith(magic)), None)
    if kind is not None:
        raise ConfigError(
            f"{path} is {kind}, not lines of text", remedy="text and .gz are read; unpack the rest"
        )
    if start.startswith(GZIP_START) != (path.suffix == ".gz") and start:
        raise ConfigError(
            f"{path} is {'gzip' if path.suffix != '.gz' else 'not gzip'}, whatever its name says",
            remedy="name files of gzip, and only these, .gz: Hadoop goes by the name too",
        )
