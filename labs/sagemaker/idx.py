"""IDX files, in which MNIST is published: a magic number that says type and dimensions, the sizes,
the bytes (LeCun, Cortes and Burges, "The MNIST database", FILE FORMATS).
"""

import gzip
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fleet.errors import ConfigError

UNSIGNED_BYTE = 0x08
MAGIC = struct.Struct(">HBB")

Bytes = NDArray[np.uint8]


def read_idx(path: Path, dimensions: int) -> Bytes:
    """Unsigned bytes in as many dimensions; gzip or plain. Raises ConfigError."""
    data = content(path)
    head = MAGIC.size + 4 * dimensions
    if len(data) < head:
        raise ConfigError(f"{path} ends in its head, after {len(data)} bytes")
    magic = MAGIC.unpack_from(data)
    if magic != (0, UNSIGNED_BYTE, dimensions):
        raise ConfigError(
            f"{path} is not an IDX file of bytes in {dimensions} dimensions: it starts with "
            f"{data[: MAGIC.size].hex()}",
            remedy="images have three dimensions, labels have one",
        )
    shape = struct.unpack_from(f">{dimensions}I", data, MAGIC.size)
    values = np.frombuffer(data, np.uint8, offset=head)
    if values.size != int(np.prod(shape)):
        raise ConfigError(f"{path} has {values.size:,} values; its head says {shape}")
    return values.reshape(shape)


def content(path: Path) -> bytes:
    """Without the compression. Raises ConfigError."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None


def write_idx(path: Path, values: Bytes) -> None:
    """Compressed; the same bytes for the same values."""
    head = MAGIC.pack(0, UNSIGNED_BYTE, values.ndim) + struct.pack(
        f">{values.ndim}I", *values.shape
    )
    path.write_bytes(gzip.compress(head + values.tobytes(), mtime=0))
