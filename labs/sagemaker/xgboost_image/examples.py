"""Examples as the built-in algorithm reads them, from a channel's files or a request's body:
text/csv without a header and with the label first, or text/libsvm with indices from 0.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack

from fleet.errors import ConfigError

Matrix = Any
"""Features, an example a row: a dense array (NaN: missing) or a sparse matrix (what is not stored
is missing).
"""
Vector = NDArray[np.float32]

CSV, LIBSVM = "text/csv", "text/libsvm"


@dataclass(frozen=True)
class Examples:
    """`labels` is None for a request, which has none."""

    features: Matrix
    labels: Vector | None

    def __len__(self) -> int:
        return int(self.features.shape[0])


class WrongType(ConfigError):
    """A content type that the algorithm does not read."""


class WrongExample(ConfigError):
    """An example that cannot be one; says file, line and what is wrong."""


def media_type(content_type: str) -> str:
    """`text/csv; label_size=1` -> `text/csv`. Raises WrongType."""
    name, _, parameters = content_type.partition(";")
    found = MEDIA_TYPES.get(name.strip().lower())
    if found is None:
        raise WrongType(
            f"content type {content_type!r} is not read", remedy=f"give {CSV} or {LIBSVM}"
        )
    if "label_size" in parameters and parameters.replace(" ", "") != "label_size=1":
        raise WrongType(f"content type {content_type!r}: label_size is 1, the first column")
    return found


def read_channel(folder: Path, content_type: str, classes: int | None) -> Examples:
    """All files of the folder, in the order of their names. `classes`: labels are whole numbers
    below it. Raises WrongType and WrongExample, the latter for files without examples too.
    """
    kind = media_type(content_type)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise WrongExample(f"channel {folder.name} has no file")
    parts = [_read_file(path, folder, kind, classes) for path in files]
    features = _stacked([part.features for part in parts], files)
    return Examples(features, np.concatenate([part.labels for part in parts]))


def _read_file(path: Path, folder: Path, kind: str, classes: int | None) -> Examples:
    where = f"{folder.name}/{path.relative_to(folder)}"
    examples = parse(path.read_bytes(), kind, where, has_labels=True)
    assert examples.labels is not None
    if not len(examples):
        raise WrongExample(f"{where} is empty", remedy="leave the file out, or fill it")
    for position in np.flatnonzero(~_is_label(examples.labels, classes))[:1]:
        needed = "a number" if classes is None else f"a whole number from 0 to {classes - 1}"
        raise WrongExample(
            f"{where}: the label of example {position + 1} is {examples.labels[position]:g}, "
            f"not {needed}",
            remedy="the label is the first field of a line; num_class says how many there are",
        )
    return examples


def _is_label(labels: Vector, classes: int | None) -> NDArray[np.bool_]:
    if classes is None:
        return np.isfinite(labels)
    return np.isin(labels, np.arange(classes))


def parse(body: bytes, kind: str, where: str, *, has_labels: bool) -> Examples:
    """`kind` is CSV or LIBSVM; in the latter a label is always allowed. Raises WrongExample."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise WrongExample(f"{where}: byte {error.start + 1} is no text") from None
    return _parse_libsvm(text, where) if kind == LIBSVM else _parse_csv(text, where, has_labels)


def _parse_csv(text: str, where: str, has_labels: bool) -> Examples:
    if not text.strip():
        return Examples(np.empty((0, 0), np.float32), np.empty(0, np.float32))
    try:
        table = np.loadtxt(
            io.StringIO(text), delimiter=",", dtype=np.float32, ndmin=2, comments=None
        )
    except ValueError:
        # It also takes empty fields, and finds the place of what is wrong, at a tenth of the speed.
        table = _by_line(text, where)
    if not has_labels:
        return Examples(table, None)
    if table.shape[1] < 2:
        raise WrongExample(
            f"{where}: line 1 has one field", remedy="a line is a label and features, by commas"
        )
    return Examples(np.ascontiguousarray(table[:, 1:]), np.ascontiguousarray(table[:, 0]))


def _by_line(text: str, where: str) -> NDArray[np.float32]:
    rows: list[list[float]] = []
    for line, content in _lines(text):
        fields = content.split(",")
        if rows and len(fields) != len(rows[0]):
            raise WrongExample(
                f"{where}: line {line} has {len(fields)} fields, the first line has {len(rows[0])}"
            )
        rows.append([_number(field, f"{where}: line {line}, field {i}") for i, field in
                     enumerate(fields, 1)])  # fmt: skip
    return np.array(rows, np.float32)


def _number(field: str, where: str) -> float:
    try:
        return float(field) if field.strip() else float("nan")
    except ValueError:
        raise WrongExample(
            f"{where} is {field[:40]!r}, not a number",
            remedy="no header, no quotes; fields are parted by commas",
        ) from None


def _parse_libsvm(text: str, where: str) -> Examples:
    labels: list[float] = []
    values: list[float] = []
    indices: list[int] = []
    ends = [0]
    for line, content in _lines(text):
        label, *features = content.split()
        if ":" in label:
            label, features = "nan", [label, *features]
        labels.append(_number(label, f"{where}: line {line}, its label,"))
        for feature in features:
            index, _, value = feature.partition(":")
            if not index.isdecimal() or not value:
                raise WrongExample(
                    f"{where}: line {line} has {feature[:40]!r}, not INDEX:VALUE",
                    remedy=f"a line of {LIBSVM} is a label and INDEX:VALUE by spaces, from index 0",
                )
            indices.append(int(index))
            values.append(_number(value, f"{where}: line {line}, feature {index},"))
        ends.append(len(indices))
    width = max(indices, default=-1) + 1
    matrix = csr_matrix((values, indices, ends), shape=(len(labels), width), dtype=np.float32)
    return Examples(matrix, np.array(labels, np.float32))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Number and content of those that are not blank."""
    return ((i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip())


def widened(features: Matrix, width: int) -> Matrix:
    """With as many columns: a sparse file only knows those that it fills."""
    more = width - features.shape[1]
    if more <= 0 or isinstance(features, np.ndarray):
        return features
    return hstack([features, csr_matrix((features.shape[0], more))], format="csr")


def _stacked(parts: list[Matrix], files: list[Path]) -> Matrix:
    if isinstance(parts[0], np.ndarray):
        for part, file in zip(parts, files, strict=True):
            if part.shape[1] != parts[0].shape[1]:
                raise WrongExample(
                    f"{file.name} has {part.shape[1]} features a line, {files[0].name} has "
                    f"{parts[0].shape[1]}"
                )
        return np.concatenate(parts)
    width = max(part.shape[1] for part in parts)
    return vstack([widened(part, width) for part in parts], format="csr")


MEDIA_TYPES: Mapping[str, str] = {
    "text/csv": CSV,
    "text/libsvm": LIBSVM,
    "text/x-libsvm": LIBSVM,
    "libsvm": LIBSVM,
    "csv": CSV,
}
