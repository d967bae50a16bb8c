"""The ledger: what the stream has acknowledged, as JSON lines in a file, for `wildrydes verify`.

    {"ledger":1,"stream":"wildrydes","seed":7,"unicorns":20,"version":"0.1.0"}
    {"shard":"shardId-000000000000","sequence_number":"4959...","partition_key":"Shadowfax","data":{...}}

A run begins with a header, so a file that several runs were added to has several. `data` is the
record as it was sent, byte for byte. What is not in it says nothing: a put whose answer was lost
may be in the stream once, twice or not at all, and its reading is entered when it is acknowledged.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

import msgspec

from awsio.put_records import Ack, Entry
from fleet.errors import ConfigError, FleetError

FORMAT: Final = 1
"""What `ledger` says in a header."""

BLOCK_BYTES: Final = 64 * 1024

_encode = msgspec.json.Encoder().encode


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """Which run wrote the entries that follow."""

    ledger: int
    stream: str
    seed: int
    unicorns: int
    version: str


class LedgerEntry(msgspec.Struct, frozen=True, gc=False):
    """A record that the stream has acknowledged."""

    shard: str
    sequence_number: str
    partition_key: str
    data: msgspec.Raw
    """The record's bytes."""


class Ledger:
    """`with Ledger(path, header) as ledger`, then `ledger.enter(entry, ack)` of each record.

    Entries are handed to the operating system together, as soon as the event loop has a turn: after
    each answer of the service, before the next call. A kill loses at most what was acknowledged in
    that moment; the disk is waited for at the end alone.
    """

    def __init__(self, path: Path, header: Header) -> None:
        """Raises ConfigError when the file is something else, or the ledger of another stream."""
        self._path = path
        self._pending: list[bytes] = []
        self._failure: FleetError | None = None
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                self.entries_before = self._append_after(header)
            except BaseException:
                os.close(self._file)
                raise
        except OSError as error:
            raise self._cannot(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def enter(self, entry: Entry, ack: Ack) -> None:
        """Takes a record that was acknowledged. Raises FleetError when the file takes no more.

        Call it on the event loop. The record has to be JSON.
        """
        if self._failure is not None:
            raise self._failure
        if not self._pending:
            asyncio.get_running_loop().call_soon(self._flush)
        # Twice as fast as encoding an object, and `data` stays as it was sent.
        self._pending.append(
            b'{"shard":"%s","sequence_number":"%s","partition_key":%s,"data":%s}\n'
            % (
                ack.shard_id.encode(),
                ack.sequence_number.encode(),
                _encode(entry.partition_key),
                entry.data,
            )
        )

    def close(self) -> None:
        """Returns when all is on the disk. Raises FleetError when it cannot be."""
        if self._file < 0:
            return
        self._flush()
        try:
            os.fsync(self._file)
        except OSError as error:
            self._failure = self._failure or self._cannot(error)
        finally:
            os.close(self._file)
            self._file = -1
        if self._failure is not None:
            raise self._failure

    def _flush(self) -> None:
        if self._file < 0 or self._failure is not None or not self._pending:
            return
        rest = memoryview(b"".join(self._pending))
        self._pending.clear()
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            # Told by the next entry: nobody awaits this.
            self._failure = self._cannot(error)

    def _append_after(self, header: Header) -> int:
        """Goes to the end of the last whole line and writes the header there; returns how many
        entries stand before it.
        """
        entries, whole = 0, 0
        for end, item in _lines(self._file, self._path):
            whole = end
            if isinstance(item, LedgerEntry):
                entries += 1
            elif item.stream != header.stream:
                raise ConfigError(
                    f"{self._path} is the ledger of stream {item.stream}, not of {header.stream}",
                    remedy="give another file with --ledger",
                )
        os.ftruncate(self._file, whole)
        os.lseek(self._file, whole, os.SEEK_SET)
        self._pending.append(_encode(header) + b"\n")
        self._flush()
        if self._failure is not None:
            raise self._failure
        return entries

    def _cannot(self, error: OSError) -> FleetError:
        return FleetError(
            f"the ledger {self._path}: {error.strerror}",
            remedy="free some space or give another file with --ledger",
        )


def read_ledger(path: Path) -> Iterator[Header | LedgerEntry]:
    """The headers and entries of a ledger, in order; a last line without its end is passed over.

    Raises ConfigError when the file cannot be read, or is no ledger.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise ConfigError(f"the ledger {path} cannot be read: {error.strerror}") from None
    try:
        for _, item in _lines(file, path):
            yield item
    finally:
        os.close(file)


_decode_entry = msgspec.json.Decoder(LedgerEntry).decode
_decode_header = msgspec.json.Decoder(Header).decode


def _lines(file: int, path: Path) -> Iterator[tuple[int, Header | LedgerEntry]]:
    """Each whole line, and where it ends in the file."""
    end, number = 0, 0
    with open(file, "rb", buffering=BLOCK_BYTES, closefd=False) as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                return
            number += 1
            end += len(line)
            item = _item(line)
            if item is None or (number == 1 and isinstance(item, LedgerEntry)):
                raise ConfigError(
                    f"{path}, line {number} is no line of a ledger",
                    remedy="a ledger is what `wildrydes simulator --ledger FILE` writes",
                )
            yield end, item


def _item(line: bytes) -> Header | LedgerEntry | None:
    try:
        if not line.startswith(b'{"ledger":'):
            return _decode_entry(line)
        header = _decode_header(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return header if header.ledger == FORMAT else None
