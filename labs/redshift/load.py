"""Files in, rows out, and the lines that are no rows."""

import bz2
import gzip
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final, cast

import zstandard

from fleet.errors import ConfigError, FleetError
from labs.redshift.column import Column, Read, Value
from labs.redshift.copy_parameters import CopyParameters
from labs.redshift.delimited import Record, records
from labs.redshift.load_error import RAW_MAX, REASON_MAX, Code, LoadError, Refusal

LIKELY_DELIMITERS: Final = ("|", ",", "\t", ";")

Row = tuple[Value, ...]


class CopyFailed(FleetError):
    """A COPY met as many errors as stop it: nothing of it was loaded."""


@dataclass(frozen=True, slots=True)
class LoadFile:
    """One object on S3, as it lies there."""

    url: str
    body: bytes


@dataclass
class Load:
    """One COPY at work; counts as its rows are taken."""

    table: str
    columns: Sequence[Column]
    """Those that the files have, in their order."""
    parameters: CopyParameters
    errors: list[LoadError] = field(default_factory=list)
    row_count: int = 0

    def rows(self, files: Sequence[LoadFile]) -> Iterator[Row]:
        """Raises CopyFailed at the error that is one too many, ConfigError for a file that cannot
        be read as the parameters say.
        """
        reads = [column.reader(self.parameters) for column in self.columns]
        for file in files:
            for record in records(_lines(file, self.parameters), self.parameters):
                try:
                    row = self._row(record, reads)
                except _Refused as refused:
                    self._note(file, record, refused)
                    continue
                self.row_count += 1
                yield row

    def _row(self, record: Record, reads: Sequence[Read]) -> Row:
        if record.refusal is not None:
            raise _Refused(record.refusal)
        fields = self._complete(record.fields)
        values: list[Value] = []
        for text, read in zip(fields, reads, strict=True):
            try:
                values.append(read(text))
            except Refusal as refusal:
                column = self.columns[len(values)]
                raise _Refused(refusal, column, text) from None
        return tuple(values)

    def _complete(self, fields: list[str]) -> list[str]:
        """As many fields as columns."""
        missing = len(self.columns) - len(fields)
        if missing == 0:
            return fields
        if missing == -1 and not fields[-1]:
            # A delimiter at the line's end, as TPC's generators write.
            return fields[:-1]
        if missing < 0:
            raise _Refused(Refusal(Code.MORE_COLUMNS, "Extra column(s) found"))
        if self.parameters.fills_record:
            return fields + [""] * missing
        raise _Refused(
            Refusal(Code.DELIMITER, "Delimiter not found"),
            self.columns[len(fields) - 1],
            fields[-1],
        )

    def _note(self, file: LoadFile, record: Record, refused: "_Refused") -> None:
        column, refusal = refused.column, refused.refusal
        self.errors.append(
            LoadError(
                filename=file.url,
                line_number=record.line_number,
                colname=column.name if column else "",
                type=column.kind[:10] if column else "",
                col_length=column.length_text if column else "",
                position=refusal.position,
                raw_line=_shown(record.raw),
                raw_field_value=_shown(refused.text),
                err_code=refusal.code,
                err_reason=_shown(refusal.reason)[:REASON_MAX],
            )
        )
        limit = max(1, self.parameters.error_max)
        if len(self.errors) >= limit and not self.parameters.ignores_errors:
            raise CopyFailed(
                f"COPY {self.table} loaded nothing: {len(self.errors)} error(s), and MAXERROR "
                f"{self.parameters.error_max} stops there. The last: {self.errors[-1].sentence}",
                remedy=self._remedy(record),
            )

    def _remedy(self, record: Record) -> str:
        wanted = len(self.columns) - 1
        for delimiter in LIKELY_DELIMITERS:
            if delimiter != self.parameters.delimiter and record.raw.count(delimiter) == wanted:
                return f"the line has {wanted} times {delimiter!r}: DELIMITER {delimiter!r}?"
        return (
            "correct the line, or give MAXERROR more than there are errors to load the others; "
            "stl_load_errors has every error"
        )


class _Refused(Exception):
    """A refusal with the column and the text that it is about."""

    def __init__(self, refusal: Refusal, column: Column | None = None, text: str = "") -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal
        self.column = column
        self.text = text


def _shown(text: str) -> str:
    """What a database can keep: bytes that are no text as \\x.., no NUL."""
    readable = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return readable.replace("\0", "\\x00")[:RAW_MAX]


def _lines(file: LoadFile, parameters: CopyParameters) -> Iterator[str]:
    errors = "surrogateescape" if parameters.encoding == "utf-8" else "strict"
    try:
        with _opened(file.body, parameters.compression) as plain:
            # A carriage return within a line is a character.
            yield from io.TextIOWrapper(plain, parameters.encoding, errors, newline="\n")
    except UnicodeError as error:
        raise ConfigError(
            f"{file.url} is not {parameters.encoding}: {error}", remedy="give its ENCODING"
        ) from None
    except (EOFError, OSError, zstandard.ZstdError) as error:
        raise ConfigError(
            f"{file.url} is not whole, or not {parameters.compression}: {error}",
            remedy="leave the parameter out for a plain file, or upload the file again",
        ) from None


def _opened(body: bytes, compression: str) -> BinaryIO:
    held = io.BytesIO(body)
    match compression:
        case "GZIP":
            return cast(BinaryIO, gzip.GzipFile(fileobj=held))
        case "BZIP2":
            return cast(BinaryIO, bz2.BZ2File(held))
        case "ZSTD":
            return cast(
                BinaryIO, zstandard.ZstdDecompressor().stream_reader(held, read_across_frames=True)
            )
    return held
