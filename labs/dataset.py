"""Where a lab's data comes from: the user's own files, the public source, or a generator.

In that order, and every output says which it was: a generated look-alike must never pass for data.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Literal
from zipfile import BadZipFile, ZipFile

import pooch
from platformdirs import user_cache_path

from fleet.errors import ConfigError

TIMEOUT_S = 10

Say = Callable[[str], None]
"""Takes one line about the progress."""


@dataclass(frozen=True)
class PublicFile:
    """One file of a public source. `checksum` is that of the file as it is used: of the member
    when `url` is a ZIP archive that holds it. Hexadecimal SHA-256, or with the algorithm's name
    and a colon before it.
    """

    url: str
    checksum: str
    member: str | None = None


@dataclass(frozen=True)
class Origin:
    """Where the data came from, as every output tells it."""

    kind: Literal["given", "public", "generated", "stand-in"]
    where: str
    """Folder or file, address, or how it was generated."""

    @property
    def public_sentence(self) -> str:
        """The same for what is handed on to others: it tells no folder of this machine."""
        if self.kind == "given":
            return replace(self, where=Path(self.where).name).sentence
        return self.sentence

    @property
    def sentence(self) -> str:
        if self.kind == "given":
            return f"Data: {self.where}, as given."
        if self.kind == "public":
            return f"Data: {self.where}, with its checksum verified."
        if self.kind == "stand-in":
            return f"OTHER DATA in the place of the real ones: {self.where}."
        return f"GENERATED DATA, not real data: {self.where}."


@dataclass(frozen=True)
class Data:
    """The files of a dataset, by the names that the dataset gives them."""

    files: Mapping[str, Path]
    origin: Origin


@dataclass(frozen=True)
class Dataset:
    """`names` are the files that the lab reads. `generate(folder, seed)` writes a look-alike of
    each; `generator` says in a sentence without an end what it makes, its seed apart.
    """

    name: str
    names: tuple[str, ...]
    generator: str
    generate: Callable[[Path, int], None]
    source: str = ""
    """Of the public files, with its authors and licence."""
    public: Mapping[str, PublicFile] | None = None
    """By the same names; None: there is no public source with a known checksum."""
    is_stand_in: bool = False
    """What `generate` writes is not made up: real data of the same kind, always the same."""

    def obtain(
        self,
        *,
        data: Path | None,
        generated: bool,
        folder: Path,
        seed: int,
        say: Say,
        cache: Path | None = None,
    ) -> Data:
        """The files: those of `data` (a folder, or the file itself when there is one), else the
        public ones (kept in `cache`), else generated into `folder`. With `generated` no public
        source is asked. Raises ConfigError when `data` lacks a file.
        """
        if data is not None:
            return self._given(data)
        if self.public is not None and not generated:
            found = self._fetched(self.public, cache or user_cache_path("wildrydes") / "labs", say)
            if found is not None:
                return found
        folder.mkdir(parents=True, exist_ok=True)
        if self.is_stand_in:
            origin = Origin("stand-in", self.generator)
        else:
            origin = Origin("generated", f"{self.generator}, seed {seed}")
        say(origin.sentence)
        self.generate(folder, seed)
        return Data({name: folder / name for name in self.names}, origin)

    def _given(self, data: Path) -> Data:
        if data.is_file() and len(self.names) == 1:
            files = {self.names[0]: data}
        elif data.is_dir():
            files = {name: data / name for name in self.names}
        elif data.exists():
            raise ConfigError(f"{data} is a file, not a folder", remedy=self._needed())
        else:
            raise ConfigError(f"{data} is not there", remedy=self._needed())
        missing = [path.name for path in files.values() if not path.is_file()]
        if missing:
            raise ConfigError(f"{data} has no {', '.join(missing)}", remedy=self._needed())
        return Data(files, Origin("given", str(data)))

    def _needed(self) -> str:
        return f"--data takes {'a folder with ' if len(self.names) > 1 else ''}" + ", ".join(
            self.names
        )

    def _fetched(self, public: Mapping[str, PublicFile], cache: Path, say: Say) -> Data | None:
        folder = cache / self.name
        files = {}
        for name, file in public.items():
            try:
                files[name] = _fetch(file, folder, name, say)
            except OSError as error:
                say(
                    f"{name} (checksum {file.checksum}) cannot be fetched from {file.url}: "
                    f"{_reason(error)}. Who has it gives it with --data"
                )
                return None
        return Data(files, Origin("public", self.source))


def _fetch(file: PublicFile, folder: Path, name: str, say: Say) -> Path:
    """Raises OSError when it cannot be had, ConfigError when it is not the file that it was."""
    path = folder / name
    if not (path.is_file() and _is_whole(path, file)):
        say(f"fetching {file.url}")
        path.unlink(missing_ok=True)
        fresh = f"{name}.part"
        # It would print the sum of an archive, and advice on what to do with it.
        pooch.get_logger().setLevel(logging.WARNING)
        got = pooch.retrieve(
            file.url,
            known_hash=None,
            path=folder,
            fname=fresh,
            downloader=pooch.HTTPDownloader(timeout=TIMEOUT_S),
        )
        fetched = Path(got)
        if file.member is not None:
            _keep_member(fetched, file.member)
        if not _is_whole(fetched, file):
            found = _checksum(fetched, file)
            fetched.unlink()
            raise ConfigError(
                f"{name} of {file.url} is not the file that this lab was made with: its checksum "
                f"is {found}, not {file.checksum}",
                remedy="give the files with --data, or take --generated",
            )
        fetched.replace(path)
    return path


def _keep_member(path: Path, member: str) -> None:
    """Puts the member in the place of its archive. Raises OSError when there is no such thing."""
    try:
        content = _member(path.read_bytes(), member)
    except BadZipFile as error:
        raise OSError(f"not a ZIP archive: {error}") from None
    if content is None:
        raise OSError(f"its archive holds no {member}")
    path.write_bytes(content)


def _member(archive: bytes, member: str) -> bytes | None:
    """Looks into the archives inside the archive too: UCI's are like that."""
    with ZipFile(BytesIO(archive)) as members:
        for name in members.namelist():
            if name == member or name.endswith(f"/{member}"):
                return members.read(name)
            if name.endswith(".zip") and (found := _member(members.read(name), member)) is not None:
                return found
    return None


def _is_whole(path: Path, file: PublicFile) -> bool:
    return _checksum(path, file) == file.checksum


def _checksum(path: Path, file: PublicFile) -> str:
    """Of what lies at `path`, by the algorithm of the file's own and written as that is."""
    algorithm, colon, _ = file.checksum.rpartition(":")
    return f"{algorithm}{colon}{pooch.file_hash(str(path), alg=algorithm or 'sha256')}"


def _reason(error: BaseException) -> str:
    """The innermost cause: what requests and urllib3 wrap round it repeats the address."""
    while inner := getattr(error, "reason", None) or next(
        (part for part in error.args if isinstance(part, BaseException)), None
    ):
        if not isinstance(inner, BaseException):
            break
        error = inner
    cause = error.__cause__ or error.__context__
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(error)
